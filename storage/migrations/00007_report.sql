-- +goose Up

-- What changed in cases since the counters were brought up to date. Triggers
-- only add lines here: counters updated by every commit would make commits wait
-- for each other, and in a ring. One reader folds the lines into the counters.
CREATE TABLE case_dirty (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region     text NOT NULL,
    case_id    bigint NOT NULL,
    what       text NOT NULL CHECK (what IN ('changed', 'sent_back', 'reopened')),
    agency_id  text NOT NULL, -- who had the case, for what happened under it
    restricted boolean NOT NULL,
    at         timestamptz NOT NULL
);
CREATE INDEX case_dirty_region ON case_dirty (region, id);

-- What the counters hold of a case, by round (law.md R10): what is folded again
-- is taken off exactly as it was put on.
CREATE TABLE case_facts (
    case_id      bigint NOT NULL,
    round        integer NOT NULL,
    region       text NOT NULL,
    agency_id    text NOT NULL,
    restricted   boolean NOT NULL,
    category     text NOT NULL, -- 'row:3', or 'topic:…' in ordinary order
    municipality text NOT NULL,
    source_id    bigint NOT NULL,
    day          date NOT NULL, -- local, of the registration
    counted      boolean NOT NULL, -- a case of its own: not joined to another, not rejected
    open         boolean NOT NULL, -- its clock runs
    due_at       timestamptz NOT NULL, -- infinity when it has none
    unseen       boolean NOT NULL, -- assigned without moderation
    reversed     boolean NOT NULL, -- and sent back, rejected or given another row later
    reaction_at  timestamptz,
    reaction     integer, -- working minutes from the assignment to the first reaction
    answered_at  timestamptz,
    answer       integer, -- minutes from the registration to the final answer
    in_time      boolean NOT NULL,
    outcome      text NOT NULL,
    PRIMARY KEY (case_id, round)
);
CREATE INDEX case_facts_day ON case_facts (region, day) WHERE round = 1;
CREATE INDEX case_facts_category ON case_facts (region, category, day) WHERE round = 1;
CREATE INDEX case_facts_place ON case_facts (region, municipality, day) WHERE round = 1;
CREATE INDEX case_facts_source ON case_facts (region, source_id, day) WHERE round = 1;
CREATE INDEX case_facts_agency ON case_facts (region, agency_id, day) WHERE round = 1;
CREATE INDEX case_facts_answered ON case_facts (region, answered_at, case_id) WHERE answered_at IS NOT NULL;
CREATE INDEX case_facts_agency_answered ON case_facts (region, agency_id, answered_at, case_id) WHERE answered_at IS NOT NULL;

-- Open cases by body and due: how many are due when, at any moment.
CREATE TABLE case_load (
    region     text NOT NULL,
    agency_id  text NOT NULL,
    restricted boolean NOT NULL,
    due_at     timestamptz NOT NULL,
    cases      bigint NOT NULL,
    PRIMARY KEY (region, agency_id, restricted, due_at)
);

-- Cases registered on a day, by one thing at a time and by body.
CREATE TABLE case_days (
    region     text NOT NULL,
    dimension  text NOT NULL CHECK (dimension IN ('category', 'place', 'source', 'pair')),
    day        date NOT NULL,
    key        text NOT NULL, -- of a pair: category|municipality
    agency_id  text NOT NULL,
    restricted boolean NOT NULL,
    cases      bigint NOT NULL,
    unseen     bigint NOT NULL,
    reversed   bigint NOT NULL,
    PRIMARY KEY (region, dimension, day, key, agency_id, restricted)
);

-- What a body did in a week. Medians cannot be added up, histograms can: see
-- storage.TimeBuckets.
CREATE TABLE agency_weeks (
    region     text NOT NULL,
    week       date NOT NULL, -- its Monday, local
    agency_id  text NOT NULL,
    restricted boolean NOT NULL,
    registered bigint NOT NULL DEFAULT 0,
    reacted    bigint NOT NULL DEFAULT 0,
    answered   bigint NOT NULL DEFAULT 0,
    in_time    bigint NOT NULL DEFAULT 0,
    solved     bigint NOT NULL DEFAULT 0,
    explained  bigint NOT NULL DEFAULT 0,
    sent_back  bigint NOT NULL DEFAULT 0,
    reopened   bigint NOT NULL DEFAULT 0,
    reaction   integer[] NOT NULL DEFAULT '{}',
    answer     integer[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (region, week, agency_id, restricted)
);

-- Cases sent back and reopened, under the body that had them then.
CREATE TABLE case_marks (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region     text NOT NULL,
    what       text NOT NULL,
    at         timestamptz NOT NULL,
    case_id    bigint NOT NULL,
    agency_id  text NOT NULL,
    restricted boolean NOT NULL
);
CREATE INDEX case_marks_at ON case_marks (region, what, at DESC, id DESC);

-- Lists of the controller.
CREATE INDEX deferrals_asked ON deferrals (asked_at DESC, id DESC);
CREATE INDEX notices_escalations ON notices (region, at DESC, id DESC) WHERE kind = 'escalation';
CREATE INDEX send_backs_at ON send_backs (at DESC, id DESC);

-- +goose StatementBegin
CREATE FUNCTION otklik_case_opened_dirty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO case_dirty (region, case_id, what, agency_id, restricted, at)
    SELECT n.region, n.id, 'changed', n.agency_id, n.restricted, n.updated_at FROM opened n;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER cases_opened_dirty AFTER INSERT ON cases REFERENCING NEW TABLE AS opened
    FOR EACH STATEMENT EXECUTE FUNCTION otklik_case_opened_dirty();

-- +goose StatementBegin
CREATE FUNCTION otklik_case_changed_dirty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO case_dirty (region, case_id, what, agency_id, restricted, at)
    VALUES (NEW.region, NEW.id, 'changed', OLD.agency_id, NEW.restricted, NEW.updated_at);
    IF NEW.state IN ('returned', 'reopened') AND OLD.state <> NEW.state AND NEW.undone IS NOT DISTINCT FROM OLD.undone THEN
        INSERT INTO case_dirty (region, case_id, what, agency_id, restricted, at)
        VALUES (NEW.region, NEW.id, CASE NEW.state WHEN 'returned' THEN 'sent_back' ELSE 'reopened' END,
                OLD.agency_id, NEW.restricted, NEW.updated_at);
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER cases_changed_dirty AFTER UPDATE ON cases FOR EACH ROW
    WHEN ((OLD.state, OLD.agency_id, OLD.restricted, OLD.decree_row, OLD.topic, OLD.municipality, OLD.source_id, OLD.due_at, OLD.round,
           OLD.registered_at, OLD.assigned_at, OLD.first_reaction_at, OLD.answered_at, OLD.outcome, OLD.sent_back)
          IS DISTINCT FROM
          (NEW.state, NEW.agency_id, NEW.restricted, NEW.decree_row, NEW.topic, NEW.municipality, NEW.source_id, NEW.due_at, NEW.round,
           NEW.registered_at, NEW.assigned_at, NEW.first_reaction_at, NEW.answered_at, NEW.outcome, NEW.sent_back))
    EXECUTE FUNCTION otklik_case_changed_dirty();

INSERT INTO case_dirty (region, case_id, what, agency_id, restricted, at)
SELECT region, id, 'changed', agency_id, restricted, updated_at FROM cases ORDER BY id;
INSERT INTO case_dirty (region, case_id, what, agency_id, restricted, at)
SELECT c.region, c.id, CASE h.to_state WHEN 'returned' THEN 'sent_back' ELSE 'reopened' END, c.agency_id, c.restricted, h.at
  FROM case_history h JOIN cases c ON c.id = h.case_id
 WHERE h.what = 'moved' AND h.from_state <> h.to_state AND h.to_state IN ('returned', 'reopened')
 ORDER BY h.id;

-- +goose Down
DROP TABLE case_marks, agency_weeks, case_days, case_load, case_facts;
DROP INDEX deferrals_asked, notices_escalations, send_backs_at;
DROP TRIGGER cases_opened_dirty ON cases;
DROP TRIGGER cases_changed_dirty ON cases;
DROP FUNCTION otklik_case_opened_dirty(), otklik_case_changed_dirty();
DROP TABLE case_dirty;
