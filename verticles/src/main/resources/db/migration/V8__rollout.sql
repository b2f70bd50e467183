-- Which version of a definition its agents follow. A row is there once something was decided; until then stable is the version
-- that was published first.
CREATE TABLE definition_channels (
    definition text PRIMARY KEY,
    -- grows by one with every decision; whoever decides names the one that was seen
    revision   bigint NOT NULL,
    stable     text NOT NULL,
    -- number of the last rollout; 0: there was none
    rollout    bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    FOREIGN KEY (definition, stable) REFERENCES definitions (name, version)
);

-- For nodes that look for what they were not told.
CREATE INDEX definition_channels_by_change ON definition_channels (changed_at);

CREATE TABLE rollouts (
    definition       text NOT NULL,
    -- the channels' revision that started it
    number           bigint NOT NULL,
    stable           text NOT NULL,
    canary           text NOT NULL,
    -- of 10,000 agents
    share            integer NOT NULL,
    state            text NOT NULL CHECK (state IN ('running', 'paused', 'promoted', 'rolled_back')),
    error_ratio      double precision NOT NULL,
    latency_ratio    double precision NOT NULL,
    latency_quantile double precision NOT NULL,
    alpha            double precision NOT NULL,
    started_by       text NOT NULL,
    why              text NOT NULL,
    started_at       timestamptz NOT NULL,
    changed_at       timestamptz NOT NULL,
    -- a RolloutEvidence, and the epoch of the tasks' shard under which it was written
    evidence         bytea NOT NULL,
    epoch            integer NOT NULL DEFAULT 0,
    PRIMARY KEY (definition, number),
    FOREIGN KEY (definition, canary) REFERENCES definitions (name, version)
);
CREATE UNIQUE INDEX rollouts_under_way ON rollouts (definition) WHERE state IN ('running', 'paused');

-- Every decision, written with the change itself.
CREATE TABLE channel_moves (
    definition text NOT NULL,
    revision   bigint NOT NULL,
    action     text NOT NULL,
    stable     text NOT NULL,
    canary     text NOT NULL,
    share      integer NOT NULL,
    rollout    bigint NOT NULL,
    decided_by text NOT NULL,
    why        text NOT NULL,
    decided_at timestamptz NOT NULL,
    evidence   bytea,
    PRIMARY KEY (definition, revision)
);

-- The version of its agent's definition that an assignment is pinned to, name@version.
ALTER TABLE tasks ADD COLUMN definition text NOT NULL DEFAULT '';
ALTER TABLE task_events ADD COLUMN definition text NOT NULL DEFAULT '';
