-- Changes open tasks from one revision to the next and adds the events. What is null stays as it is.
-- $1 ids, $2 new revisions, $3 states, $4 agents, $5 tokens, $6 attempts, $7 skill versions, $8 not before,
-- $9 reason codes, $10 reasons, $11 output content types, $12 outputs, $13 percents, $14 progress messages, $15 times, $16 event types,
-- $17 who decided, $18 tokens and $19 cost used besides what was used before, $20 definitions.
WITH changed AS (
    UPDATE tasks t
    SET revision = c.revision,
        state = coalesce(c.state, t.state),
        agent = coalesce(c.agent, t.agent),
        token = coalesce(c.token, t.token),
        attempt = coalesce(c.attempt, t.attempt),
        skill_version = coalesce(c.skill_version, t.skill_version),
        not_before = coalesce(c.not_before, t.not_before),
        reason_code = coalesce(c.reason_code, t.reason_code),
        -- why an agent was chosen is told by the event; the task itself has nothing to explain then
        reason = CASE WHEN c.state = 'assigned' THEN '' ELSE coalesce(c.reason, t.reason) END,
        output_content_type = coalesce(c.output_content_type, t.output_content_type),
        output = coalesce(c.output, t.output),
        percent = coalesce(c.percent, t.percent),
        progress = coalesce(c.progress, t.progress),
        decided_by = coalesce(c.by, t.decided_by),
        decided_at = CASE WHEN c.by IS NULL THEN t.decided_at ELSE c.at END,
        decision_reason = CASE WHEN c.by IS NULL THEN t.decision_reason ELSE c.reason END,
        used_tokens = CASE WHEN c.used_tokens IS NULL THEN t.used_tokens ELSE coalesce(t.used_tokens, 0) + c.used_tokens END,
        used_cost = CASE WHEN c.used_cost IS NULL THEN t.used_cost ELSE coalesce(t.used_cost, 0) + c.used_cost END,
        definition = coalesce(c.definition, t.definition),
        updated_at = c.at
    FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::integer[], $7::text[], $8::bigint[],
                $9::integer[], $10::text[], $11::text[], $12::bytea[], $13::double precision[], $14::text[],
                $15::bigint[], $16::text[], $17::text[], $18::bigint[], $19::bigint[], $20::text[])
        AS c (id, revision, state, agent, token, attempt, skill_version, not_before, reason_code, reason,
              output_content_type, output, percent, progress, at, type, by, used_tokens, used_cost, definition)
    WHERE t.id = c.id AND t.revision = c.revision - 1 AND t.state IN ('held', 'queued', 'assigned')
    RETURNING t.id, t.revision, c.type, c.at, t.agent, t.token, t.attempt, c.reason_code, c.reason, c.percent, c.progress,
              c.by, t.definition
)
INSERT INTO task_events (task, revision, type, at, agent, token, attempt, reason_code, reason, percent, message, by, definition)
SELECT id, revision, type, at, agent, token, attempt, coalesce(reason_code, 0), coalesce(reason, ''),
       coalesce(percent, 0), coalesce(progress, ''), by, definition
FROM changed
