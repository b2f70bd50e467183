-- Tasks, the truth about them. Times are milliseconds since 1970, as on the wire.
CREATE TABLE tasks (
    id                  uuid PRIMARY KEY,
    state               text NOT NULL,
    skill               text NOT NULL,
    version_range       text NOT NULL,
    priority            smallint NOT NULL,
    submitted_at        bigint NOT NULL,
    -- 0: none
    deadline            bigint NOT NULL,
    max_attempts        integer NOT NULL,
    labels              jsonb NOT NULL,
    submitter           text NOT NULL,
    idempotency_key     text,
    request_hash        bytea NOT NULL,
    traceparent         text NOT NULL,
    content_type        text NOT NULL,
    input               bytea NOT NULL,
    -- attempts so far, the token of the last one, and who has it while the state is assigned
    attempt             integer NOT NULL DEFAULT 0,
    token               bigint NOT NULL DEFAULT 0,
    agent               text NOT NULL DEFAULT '',
    skill_version       text NOT NULL DEFAULT '',
    not_before          bigint NOT NULL DEFAULT 0,
    reason_code         integer NOT NULL DEFAULT 0,
    reason              text NOT NULL DEFAULT '',
    output_content_type text NOT NULL DEFAULT '',
    output              bytea NOT NULL DEFAULT '',
    percent             double precision NOT NULL DEFAULT 0,
    progress            text NOT NULL DEFAULT '',
    updated_at          bigint NOT NULL,
    -- number of the last event
    revision            bigint NOT NULL DEFAULT 1,
    CHECK (state IN ('queued', 'assigned', 'succeeded', 'dead', 'cancelled'))
) WITH (fillfactor = 80);

-- What is open, for the start of a node.
CREATE INDEX tasks_open ON tasks (id) WHERE state IN ('queued', 'assigned');
-- Pages, newest first. Ids grow with time.
CREATE INDEX tasks_by_skill ON tasks (skill, id);
CREATE INDEX tasks_by_state ON tasks (state, id);
CREATE UNIQUE INDEX tasks_by_key ON tasks (submitter, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- Everything that happened to a task, written with the change itself.
CREATE TABLE task_events (
    task        uuid NOT NULL,
    revision    bigint NOT NULL,
    type        text NOT NULL,
    at          bigint NOT NULL,
    agent       text NOT NULL,
    token       bigint NOT NULL,
    attempt     integer NOT NULL,
    reason_code integer NOT NULL,
    reason      text NOT NULL,
    percent     double precision NOT NULL,
    message     text NOT NULL,
    PRIMARY KEY (task, revision)
);
