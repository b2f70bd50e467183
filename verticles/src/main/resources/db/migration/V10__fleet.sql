-- How often directives have changed. Whoever changes them holds the row, so revisions are in the order of commits.
CREATE TABLE fleet (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    revision bigint NOT NULL
);
INSERT INTO fleet (revision) VALUES (0);

-- What operators say of all agents that meet a selector. Times are milliseconds since 1970.
CREATE TABLE fleet_directives (
    id                  uuid PRIMARY KEY,
    -- the fleet's that it made
    revision            bigint NOT NULL UNIQUE,
    verb                text NOT NULL,
    -- the selector; an empty text or array does not count
    every_agent         boolean NOT NULL,
    ids                 text[] NOT NULL,
    type                text NOT NULL,
    version_range       text NOT NULL,
    tag_names           text[] NOT NULL,
    tag_values          text[] NOT NULL,
    node                text NOT NULL,
    skill               text NOT NULL,
    skill_range         text NOT NULL,
    messages_per_second integer NOT NULL,
    reason              text NOT NULL,
    issued_by           text NOT NULL,
    issued_at           bigint NOT NULL,
    -- live agents that it selected then
    matched             integer NOT NULL,
    -- 0: it stands
    revoked_revision    bigint NOT NULL DEFAULT 0,
    revoked_by          text NOT NULL DEFAULT '',
    revoked_at          bigint NOT NULL DEFAULT 0
);

CREATE INDEX fleet_directives_standing ON fleet_directives (revision) WHERE revoked_revision = 0;
