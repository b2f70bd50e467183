-- Durable messages that left their mailboxes undelivered. Times are milliseconds since 1970, as on the wire.
CREATE TABLE dead_letters (
    agent       text NOT NULL,
    message_id  uuid NOT NULL,
    -- a code of the table, and words
    reason_code integer NOT NULL,
    detail      text NOT NULL,
    attempts    integer NOT NULL,
    died_at     bigint NOT NULL,
    -- where it waited in its lane of the mailbox; 0: unknown
    position    bigint NOT NULL,
    priority    smallint NOT NULL,
    source      text NOT NULL,
    type        text NOT NULL,
    size        integer NOT NULL,
    message     bytea NOT NULL,
    PRIMARY KEY (agent, message_id)
);

-- Pages, newest first, of an agent and of all; the oldest for retention.
CREATE INDEX dead_letters_of_agent ON dead_letters (agent, died_at, message_id);
CREATE INDEX dead_letters_by_time ON dead_letters (died_at, message_id, agent);
