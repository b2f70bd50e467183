-- Adds dead letters. One that is there died again, or the batch is written again: the newer put counts. In one batch the last
-- one of a message counts, for a statement may change a row once. Sorted, so that two batches do not wait for each other.
-- $1 agents, $2 message ids, $3 reason codes, $4 details, $5 attempts, $6 times of death, $7 positions, $8 priorities,
-- $9 sources, $10 types, $11 sizes, $12 messages.
INSERT INTO dead_letters AS d
    (agent, message_id, reason_code, detail, attempts, died_at, position, priority, source, type, size, message)
SELECT DISTINCT ON (agent, message_id)
    agent, message_id, reason_code, detail, attempts, died_at, position, priority, source, type, size, message
FROM unnest($1::text[], $2::uuid[], $3::integer[], $4::text[], $5::integer[], $6::bigint[], $7::bigint[], $8::smallint[],
            $9::text[], $10::text[], $11::integer[], $12::bytea[])
    WITH ORDINALITY
    AS n (agent, message_id, reason_code, detail, attempts, died_at, position, priority, source, type, size, message, number)
ORDER BY agent, message_id, number DESC
ON CONFLICT (agent, message_id) DO UPDATE
SET reason_code = excluded.reason_code,
    detail = excluded.detail,
    attempts = excluded.attempts,
    died_at = excluded.died_at,
    position = excluded.position,
    priority = excluded.priority,
    source = excluded.source,
    type = excluded.type,
    size = excluded.size,
    message = excluded.message
