-- Every schedule and where it stands.
SELECT name, schedule, next_at, last_at, last_task, last_error
FROM task_schedules
ORDER BY name
