-- What whole trees of tasks have used. $1 ids of their roots.
SELECT coalesce(root, id) AS top, coalesce(sum(used_tokens), 0)::bigint AS tokens, coalesce(sum(used_cost), 0)::bigint AS cost
FROM tasks
WHERE root = ANY ($1) OR id = ANY ($1)
GROUP BY top
