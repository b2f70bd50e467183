-- Registers a start of a node. $1 id, $2 kind, $3 capacity, $4 now. Gives its incarnation.
INSERT INTO nodes (id, kind, capacity, incarnation, claimed_at)
VALUES ($1, $2, $3, nextval('node_incarnation'), $4)
ON CONFLICT (id) DO UPDATE
SET kind = excluded.kind,
    capacity = excluded.capacity,
    incarnation = excluded.incarnation,
    claimed_at = excluded.claimed_at
RETURNING incarnation
