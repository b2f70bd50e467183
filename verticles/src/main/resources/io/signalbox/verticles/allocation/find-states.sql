-- In which state tasks are. $1 ids.
SELECT id, state
FROM tasks
WHERE id = ANY ($1)
