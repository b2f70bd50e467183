-- Removes one dead letter. $1 agent, $2 message id.
DELETE FROM dead_letters
WHERE agent = $1 AND message_id = $2
