-- Tasks, whole. $1 ids.
SELECT id, state, skill, version_range, priority, submitted_at, deadline, max_attempts, labels::text AS labels, submitter,
       traceparent, content_type, input, attempt, token, agent, skill_version, reason_code, reason,
       output_content_type, output, percent, progress, updated_at, revision, definition,
       tenant, plan, decided_by, decided_at, decision_reason, used_tokens, used_cost
FROM tasks
WHERE id = ANY ($1)
