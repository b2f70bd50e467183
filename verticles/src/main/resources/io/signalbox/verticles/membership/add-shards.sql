-- Adds what is missing of a kind's shards, owned by nobody. $1 kind, $2 how many there are to be.
INSERT INTO shards (kind, number)
SELECT $1, number FROM generate_series(0, $2 - 1) AS g (number)
WHERE NOT EXISTS (SELECT FROM shards s WHERE s.kind = $1 AND s.number = g.number)
ON CONFLICT DO NOTHING
