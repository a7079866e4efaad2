-- «Не решено» that an author pressed is kept with the case: whoever has said so is not
-- silent, and what they write afterwards is their objection.

-- +goose Up

-- The round in which an author pressed «Не решено» in the bot.
ALTER TABLE dialog_cases ADD COLUMN unsolved integer NOT NULL DEFAULT 0 CHECK (unsolved >= 0);

-- Who was asked just now what is not solved.
UPDATE dialog_cases x SET unsolved = c.round FROM dialogs d, cases c
 WHERE d.expects = 'objection' AND d.id = x.dialog_id AND d.about = x.case_id AND c.id = x.case_id AND c.state = 'satisfaction';

-- +goose Down
ALTER TABLE dialog_cases DROP COLUMN unsolved;
