-- What came in by week is read for every body at each look at Сроки; the rows are
-- wide with histograms, so the numbers alone are kept in an index.

-- +goose Up
CREATE INDEX agency_weeks_intake ON agency_weeks (region, week) INCLUDE (agency_id, restricted, registered);

-- +goose Down
DROP INDEX agency_weeks_intake;
