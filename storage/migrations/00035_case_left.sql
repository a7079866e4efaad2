-- A body whose case has gone to another hears of it: events are shown to those who
-- have the case now, so its leaving is an event of its own, for the old body alone.

-- +goose Up
ALTER TABLE events ADD COLUMN left_agency text NOT NULL DEFAULT '';

-- +goose StatementBegin
CREATE FUNCTION otklik_case_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO events (at, region, kind, case_id, details, left_agency)
    VALUES (NEW.updated_at, NEW.region, 'case_left', NEW.id, '{}', OLD.agency_id);
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER cases_left AFTER UPDATE OF agency_id ON cases FOR EACH ROW
    WHEN (OLD.agency_id <> '' AND OLD.agency_id <> NEW.agency_id) EXECUTE FUNCTION otklik_case_left();

-- +goose Down
DROP TRIGGER cases_left ON cases;
DROP FUNCTION otklik_case_left;
DELETE FROM events WHERE kind = 'case_left';
ALTER TABLE events DROP COLUMN left_agency;
