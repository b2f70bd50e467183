-- Newest first. $1 definition, $2 numbers below it, $3 limit.
SELECT * FROM rollouts
WHERE definition = $1 AND number < $2
ORDER BY number DESC
LIMIT $3
