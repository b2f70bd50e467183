-- An agent's oldest dead letters, with the messages, in the order in which they waited.
-- $1 agent, $2 reason code (0: all), $3 latest time of death, $4 how many.
SELECT agent, message_id, reason_code, detail, attempts, died_at, position, priority, source, type, size, message
FROM dead_letters
WHERE agent = $1 AND ($2::integer = 0 OR reason_code = $2) AND died_at <= $3
ORDER BY died_at, position, message_id
LIMIT $4
