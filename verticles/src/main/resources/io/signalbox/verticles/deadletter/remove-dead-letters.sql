-- Removes dead letters, but none that died again since. $1 agents, $2 message ids, $3 times of death.
DELETE FROM dead_letters d
USING unnest($1::text[], $2::uuid[], $3::bigint[]) AS r (agent, message_id, died_at)
WHERE d.agent = r.agent AND d.message_id = r.message_id AND d.died_at = r.died_at
