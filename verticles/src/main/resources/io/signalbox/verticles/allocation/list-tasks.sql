-- A page of tasks, newest first, without input and output.
-- $1 state (empty: all), $2 skill (empty: all), $3 id to go on below (null: from the newest), $4 how many, $5 parent (null: all).
SELECT id, state, skill, version_range, priority, submitted_at, deadline, max_attempts, labels::text AS labels, submitter,
       traceparent, content_type, ''::bytea AS input, attempt, token, agent, skill_version, reason_code, reason,
       output_content_type, ''::bytea AS output, percent, progress, updated_at, revision, definition,
       tenant, plan, decided_by, decided_at, decision_reason, used_tokens, used_cost
FROM tasks
WHERE ($1 = '' OR state = $1) AND ($2 = '' OR skill = $2) AND ($3::uuid IS NULL OR id < $3)
  AND ($5::uuid IS NULL OR parent = $5)
ORDER BY id DESC
LIMIT $4
