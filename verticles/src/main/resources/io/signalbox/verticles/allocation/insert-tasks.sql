-- Adds tasks and their first event. A task that is there, or whose submitter used its key before, is left out.
-- $1 ids, $2 skills, $3 version ranges, $4 priorities, $5 submission times, $6 deadlines, $7 most attempts, $8 labels,
-- $9 submitters, $10 idempotency keys (empty: none), $11 request hashes, $12 traceparents, $13 content types, $14 inputs,
-- $15 tenants, $16 states, $17 plans, $18 parents, $19 roots.
WITH added AS (
    INSERT INTO tasks (id, state, skill, version_range, priority, submitted_at, deadline, max_attempts, labels,
                       submitter, idempotency_key, request_hash, traceparent, content_type, input, updated_at,
                       tenant, plan, parent, root)
    SELECT id, state, skill, version_range, priority, submitted_at, deadline, max_attempts, labels::jsonb,
           submitter, nullif(idempotency_key, ''), request_hash, traceparent, content_type, input, submitted_at,
           tenant, plan, parent, root
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::smallint[], $5::bigint[], $6::bigint[], $7::integer[],
                $8::text[], $9::text[], $10::text[], $11::bytea[], $12::text[], $13::text[], $14::bytea[],
                $15::text[], $16::text[], $17::bytea[], $18::uuid[], $19::uuid[])
        AS s (id, skill, version_range, priority, submitted_at, deadline, max_attempts,
              labels, submitter, idempotency_key, request_hash, traceparent, content_type, input,
              tenant, state, plan, parent, root)
    ON CONFLICT DO NOTHING
    RETURNING id, submitted_at
)
INSERT INTO task_events (task, revision, type, at, agent, token, attempt, reason_code, reason, percent, message)
SELECT id, 1, 'submitted', submitted_at, '', 0, 0, 0, '', 0, '' FROM added
