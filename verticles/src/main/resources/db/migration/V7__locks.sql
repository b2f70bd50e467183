-- The upper half of locks' fencing tokens. A row and no sequence: a sequence may give a number again after a crash of the server,
-- when nothing was committed since.
CREATE TABLE lock_epoch (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch integer NOT NULL
);
INSERT INTO lock_epoch (epoch) VALUES (0);

-- Documents that agents change by compare and set. A removed one stays, without content: its revisions and its token go on.
CREATE TABLE documents (
    name         text PRIMARY KEY,
    revision     bigint NOT NULL,
    token        bigint NOT NULL,
    content_type text NOT NULL,
    content      bytea NOT NULL,
    writer       text NOT NULL,
    written_at   bigint NOT NULL
);

-- Barriers: who has arrived in a phase, under a lease by this server's clock.
CREATE TABLE barriers (
    name       text PRIMARY KEY,
    phase      bigint NOT NULL,
    changed_at timestamptz NOT NULL
);

CREATE TABLE barrier_parties (
    barrier    text NOT NULL REFERENCES barriers (name) ON DELETE CASCADE,
    party      text NOT NULL,
    generation bigint NOT NULL,
    until      timestamptz NOT NULL,
    PRIMARY KEY (barrier, party)
);
