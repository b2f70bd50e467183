-- What schedules have fired. $1 names, $2 when they fire next, $3 when they fired, $4 tasks, $5 why there is none.
UPDATE task_schedules s
SET next_at = f.next_at, last_at = f.at, last_task = f.task, last_error = f.error
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[]) AS f (name, next_at, at, task, error)
WHERE s.name = f.name
