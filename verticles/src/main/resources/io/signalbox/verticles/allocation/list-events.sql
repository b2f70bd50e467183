-- A task's events after a revision, oldest first. $1 id, $2 revision, $3 how many.
SELECT task, revision, type, at, agent, token, attempt, reason_code, reason, percent, message, by, definition
FROM task_events
WHERE task = $1 AND revision > $2
ORDER BY revision
LIMIT $3
