-- Where changed tasks stand now and whether the change is among their events, with the input of those to be assigned.
-- Another writer's change can have the same revision: the time, the type and the new token tell them apart.
-- $1 ids, $2 whether the input is wanted, $3 new revisions, $4 event types, $5 times, $6 new tokens.
SELECT t.id, t.revision, e.task IS NOT NULL AS committed, t.agent, t.token, t.attempt, t.priority, t.submitted_at, t.deadline,
       t.skill, t.traceparent, t.labels::text AS labels, t.content_type, CASE WHEN c.wanted THEN t.input ELSE '' END AS input,
       t.plan, t.definition
FROM unnest($1::uuid[], $2::boolean[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[])
    AS c (id, wanted, revision, type, at, token)
JOIN tasks t ON t.id = c.id
LEFT JOIN task_events e ON e.task = c.id AND e.revision = c.revision AND e.type = c.type AND e.at = c.at
    AND e.token = coalesce(c.token, e.token)
