-- One dead letter, with the message. $1 agent, $2 message id.
SELECT agent, message_id, reason_code, detail, attempts, died_at, position, priority, source, type, size, message
FROM dead_letters
WHERE agent = $1 AND message_id = $2
