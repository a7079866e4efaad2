-- name: InsertJournal :exec
INSERT INTO journal (at, region, who, action, object, object_id, words, details, address)
VALUES (@at, @region, @who, @action, @object, @object_id, @words, @details, @address);
