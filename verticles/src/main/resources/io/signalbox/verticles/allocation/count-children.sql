-- How many children each task of some trees has. $1 ids of the roots.
SELECT parent, count(*)::integer AS children
FROM tasks
WHERE root = ANY ($1)
GROUP BY parent
