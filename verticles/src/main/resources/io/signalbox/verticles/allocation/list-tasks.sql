-- A page of tasks, newest first, without input and output.
-- $1 state (empty: all), $2 skill (empty: all), $3 id to go on below (null: from the newest), $4 how many.
SELECT id, state, skill, version_range, priority, submitted_at, deadline, max_attempts, labels::text AS labels, submitter,
       traceparent, content_type, ''::bytea AS input, attempt, token, agent, skill_version, reason_code, reason,
       output_content_type, ''::bytea AS output, percent, progress, updated_at, revision, definition
FROM tasks
WHERE ($1 = '' OR state = $1) AND ($2 = '' OR skill = $2) AND ($3::uuid IS NULL OR id < $3)
ORDER BY id DESC
LIMIT $4
