-- $1 id, $2 verb, $3 every agent, $4 ids, $5 type, $6 version range, $7 tag names, $8 tag values, $9 node, $10 skill, $11 skill range,
-- $12 messages per second, $13 reason, $14 by, $15 now, $16 matched. Gives the fleet's new revision.
WITH next AS (
    UPDATE fleet SET revision = revision + 1 RETURNING revision
)
INSERT INTO fleet_directives (
    id, revision, verb, every_agent, ids, type, version_range, tag_names, tag_values, node, skill, skill_range,
    messages_per_second, reason, issued_by, issued_at, matched)
SELECT $1, next.revision, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16 FROM next
RETURNING revision
