-- Newest first. $1 definition, $2 revisions below it, $3 limit.
SELECT * FROM channel_moves
WHERE definition = $1 AND revision < $2
ORDER BY revision DESC
LIMIT $3
