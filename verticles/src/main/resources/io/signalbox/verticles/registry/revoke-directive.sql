-- $1 id, $2 by, $3 now. Changes nothing when it was revoked before.
WITH next AS (
    UPDATE fleet SET revision = revision + 1
    WHERE EXISTS (SELECT FROM fleet_directives WHERE id = $1 AND revoked_revision = 0)
    RETURNING revision
)
UPDATE fleet_directives d
SET revoked_revision = next.revision, revoked_by = $2, revoked_at = $3
FROM next
WHERE d.id = $1 AND d.revoked_revision = 0
