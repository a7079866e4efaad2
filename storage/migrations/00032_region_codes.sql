-- +goose Up

-- Case numbers begin with the region's code: two regions of one code would draw
-- the same numbers, and nothing of the second could be kept.
-- +goose StatementBegin
DO $$
DECLARE
    twice text;
BEGIN
    SELECT string_agg(region, ', ' ORDER BY region) INTO twice FROM regions GROUP BY code HAVING count(*) > 1 LIMIT 1;
    IF twice IS NOT NULL THEN
        RAISE EXCEPTION 'regions % have one subject code: activate a pack with another code for one of them with the former release, then migrate', twice;
    END IF;
END
$$;
-- +goose StatementEnd
CREATE UNIQUE INDEX regions_code ON regions (code);

-- +goose Down
DROP INDEX regions_code;
