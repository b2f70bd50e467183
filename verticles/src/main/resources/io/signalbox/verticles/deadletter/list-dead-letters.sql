-- A page of dead letters, newest first, without the messages.
-- $1 agent (empty: all), $2 reason code (0: all), $3 time of death, $4 message id and $5 agent to go on below (null: from the
-- newest), $6 how many.
SELECT agent, message_id, reason_code, detail, attempts, died_at, position, priority, source, type, size, ''::bytea AS message
FROM dead_letters
WHERE ($1 = '' OR agent = $1)
  AND ($2::integer = 0 OR reason_code = $2)
  AND ($3::bigint IS NULL OR (died_at, message_id, agent) < ($3, $4::uuid, $5::text))
ORDER BY died_at DESC, message_id DESC, agent DESC
LIMIT $6
