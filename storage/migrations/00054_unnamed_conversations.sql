-- A cursor that reads a community's conversations again named their authors, who may
-- not have consented. It begins anew under keyed hashes.

-- +goose Up
UPDATE sources SET cursor = jsonb_set(cursor, '{dialogs}', jsonb_build_object('since', cursor->'dialogs'->'since'))
 WHERE kind = 'vk_longpoll' AND cursor->'dialogs'->'since' IS NOT NULL;

-- +goose Down
SELECT 1; -- who was named is gone
