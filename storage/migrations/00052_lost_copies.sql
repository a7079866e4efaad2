-- A short copy of an answer that never reached its author comes to a person, who
-- sends it again, tells the author another way, or lets it be. A case whose authors
-- could not be asked is not closed by their silence.

-- +goose Up
ALTER TABLE deliveries
    ADD COLUMN copy      boolean NOT NULL DEFAULT false, -- an author's own short one beside the main answer
    ADD COLUMN let_be_at timestamptz, -- a person has decided that it is not sent again; "why" says so
    ADD CONSTRAINT deliveries_let_be CHECK (let_be_at IS NULL OR copy) NOT VALID;
UPDATE deliveries SET copy = true WHERE kind = 'reply' AND correction_id IS NULL AND position(':short' IN key) > 0;
ALTER TABLE deliveries VALIDATE CONSTRAINT deliveries_let_be;
CREATE INDEX deliveries_copies ON deliveries (region, case_id) WHERE copy AND state IN ('failed', 'unclear') AND let_be_at IS NULL;

ALTER TABLE cases
    DROP CONSTRAINT cases_closing_reason_check,
    ADD CONSTRAINT cases_closing_reason_check CHECK (closing_reason IN
        ('', 'author_satisfied', 'author_silent', 'author_unreachable', 'dialogue_pointless', -- done
         'not_a_problem', 'advert', 'spam', 'other_region', 'no_details', 'answered_before', 'undone')) NOT VALID; -- rejected
ALTER TABLE cases VALIDATE CONSTRAINT cases_closing_reason_check;

-- +goose Down
-- +goose StatementBegin
DO $$ BEGIN
    RAISE EXCEPTION 'what was decided about copies would be lost: go back to a back-up; an older version works with this schema';
END $$;
-- +goose StatementEnd
