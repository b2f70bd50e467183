-- The fleet's revision and, in their order, the directives that stand; one row without directive when none does.
SELECT f.revision AS fleet_revision, d.*
FROM fleet f LEFT JOIN fleet_directives d ON d.revoked_revision = 0
ORDER BY d.revision
