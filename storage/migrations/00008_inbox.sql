-- +goose Up

-- How a task went down the tree of bodies and back up. The due never moves (R5).
CREATE TABLE handovers (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id     bigint NOT NULL REFERENCES cases,
    from_agency text NOT NULL CHECK (from_agency <> ''),
    to_agency   text NOT NULL CHECK (to_agency <> '' AND to_agency <> from_agency),
    above       text[] NOT NULL, -- the bodies it can go back up to, the nearest last
    by_whom     text NOT NULL CHECK (by_whom <> ''),
    at          timestamptz NOT NULL,
    why         text NOT NULL
);
CREATE INDEX handovers_case ON handovers (case_id, id);

-- What the author is told when a decision is deferred (R7).
ALTER TABLE deferrals ADD COLUMN notice text NOT NULL DEFAULT '';

-- Everybody who wrote some of an answer: none of them approves it.
ALTER TABLE replies ADD COLUMN writers text[] NOT NULL DEFAULT '{}';

-- An absence begins and ends once, with the local day; what was on the person
-- when it began is kept, so that they see on return what became of it.
ALTER TABLE absences
    ADD COLUMN begun_at timestamptz,
    ADD COLUMN ended_at timestamptz;
CREATE INDEX absences_turn ON absences (first_day) WHERE ended_at IS NULL;
CREATE TABLE absence_tasks (
    absence_id bigint NOT NULL REFERENCES absences ON DELETE CASCADE,
    case_id    bigint NOT NULL REFERENCES cases,
    PRIMARY KEY (absence_id, case_id)
);

-- +goose Down
DROP TABLE absence_tasks, handovers;
ALTER TABLE absences DROP COLUMN begun_at, DROP COLUMN ended_at;
ALTER TABLE replies DROP COLUMN writers;
ALTER TABLE deferrals DROP COLUMN notice;
