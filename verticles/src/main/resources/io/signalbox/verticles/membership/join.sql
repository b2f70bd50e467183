-- Begins an incarnation of a node and gives its number. The number is taken when the row is locked: of two that join at once
-- the later has the greater one, and the row.
-- A predecessor of another process under the same home is dead.
-- $1 id, $2 kind, $3 capacity, $4 address, $5 process, $6 lease in microseconds, $7 last incarnation of this process, which
-- has stopped: then only if no other process has joined since, else nothing is given; 0: none, $8 home.
INSERT INTO nodes AS n (id, kind, capacity, address, process, home, incarnation, state, joined_at, renewed_at, lease_until)
VALUES ($1, $2, $3, $4, $5, $8, nextval('node_incarnation'), 'joining', clock_timestamp(), clock_timestamp(),
        clock_timestamp() + $6::bigint * interval '1 microsecond')
ON CONFLICT (id) DO UPDATE
SET kind = excluded.kind,
    capacity = excluded.capacity,
    address = excluded.address,
    process = excluded.process,
    home = excluded.home,
    incarnation = nextval('node_incarnation'),
    state = 'joining',
    joined_at = clock_timestamp(),
    renewed_at = clock_timestamp(),
    lease_until = clock_timestamp() + $6::bigint * interval '1 microsecond',
    former_until = CASE WHEN n.process = excluded.process AND n.incarnation = $7 THEN n.former_until
                        WHEN n.process <> excluded.process AND n.home = excluded.home THEN n.former_until
                        ELSE greatest(n.former_until, n.lease_until) END
WHERE $7 = 0 OR n.process = excluded.process
RETURNING incarnation
