-- Where changed tasks stand now, with the input of those to be assigned.
-- $1 ids, $2 whether the input is wanted.
SELECT t.id, t.revision, t.token, t.priority, t.submitted_at, t.deadline, t.skill, t.traceparent, t.labels::text AS labels, t.content_type,
       CASE WHEN c.wanted THEN t.input ELSE '' END AS input
FROM unnest($1::uuid[], $2::boolean[]) AS c (id, wanted)
JOIN tasks t ON t.id = c.id
