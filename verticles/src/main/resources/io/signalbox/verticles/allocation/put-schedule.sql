-- Adds a schedule or replaces it; what it fired last stays. $1 name, $2 the schedule, $3 its next firing.
INSERT INTO task_schedules (name, schedule, next_at) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET schedule = excluded.schedule, next_at = excluded.next_at
