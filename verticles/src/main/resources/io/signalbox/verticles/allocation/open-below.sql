-- Open descendants of a task, those of ended ones among them too. $1 id.
WITH RECURSIVE below (id, state) AS (
    SELECT id, state FROM tasks WHERE parent = $1
    UNION
    SELECT t.id, t.state FROM below b JOIN tasks t ON t.parent = b.id
)
SELECT id FROM below
WHERE state IN ('held', 'queued', 'assigned')
LIMIT 1000
