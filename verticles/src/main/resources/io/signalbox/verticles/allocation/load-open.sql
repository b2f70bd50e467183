-- Every open task, without input, oldest first.
SELECT id, state, skill, version_range, priority, submitted_at, deadline, max_attempts, attempt, token, agent, not_before, revision,
       tenant, plan, decided_by
FROM tasks
WHERE state IN ('held', 'queued', 'assigned')
ORDER BY id
