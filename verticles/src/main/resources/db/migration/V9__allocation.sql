-- What a task may ask for besides an agent: a time, other tasks, an approval; whose share it takes, and what it belongs to.
ALTER TABLE tasks
    ADD COLUMN tenant          text NOT NULL DEFAULT '',
    -- a signalbox.internal.v1.TaskPlan; null: nothing of it
    ADD COLUMN plan            bytea,
    ADD COLUMN parent          uuid,
    ADD COLUMN root            uuid,
    -- of a task that needed approval, whoever decided and when
    ADD COLUMN decided_by      text,
    ADD COLUMN decided_at      bigint,
    ADD COLUMN decision_reason text,
    -- what its agents reported, over all attempts
    ADD COLUMN used_tokens     bigint,
    ADD COLUMN used_cost       bigint,
    DROP CONSTRAINT tasks_state_check,
    ADD CONSTRAINT tasks_state_check CHECK (state IN ('held', 'queued', 'assigned', 'succeeded', 'dead', 'cancelled'));

DROP INDEX tasks_open;
CREATE INDEX tasks_open ON tasks (id) WHERE state IN ('held', 'queued', 'assigned');
CREATE INDEX tasks_by_parent ON tasks (parent, id) WHERE parent IS NOT NULL;
CREATE INDEX tasks_by_root ON tasks (root) WHERE root IS NOT NULL;

-- Who decided, where somebody did.
ALTER TABLE task_events ADD COLUMN by text;

-- Tasks that are submitted again and again.
CREATE TABLE task_schedules (
    name       text PRIMARY KEY,
    -- a signalbox.internal.v1.Schedule without what follows
    schedule   bytea NOT NULL,
    next_at    bigint NOT NULL,
    last_at    bigint NOT NULL DEFAULT 0,
    last_task  text NOT NULL DEFAULT '',
    last_error text NOT NULL DEFAULT ''
);
