-- Newest first. $1 those with a smaller revision, $2 also the revoked, $3 limit.
SELECT * FROM fleet_directives
WHERE revision < $1 AND ($2 OR revoked_revision = 0)
ORDER BY revision DESC
LIMIT $3
