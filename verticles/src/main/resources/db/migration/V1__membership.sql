-- One row per node. The incarnation grows with every start of any node, so that tokens and generations made from it
-- grow over restarts too. 31 bits, as it is the upper half of a positive 64-bit number.
CREATE SEQUENCE node_incarnation AS integer;

CREATE TABLE nodes (
    id          text PRIMARY KEY,
    kind        text NOT NULL,
    capacity    integer NOT NULL,
    incarnation integer NOT NULL,
    claimed_at  timestamptz NOT NULL
);
