-- Ends the own incarnation of a node that has stopped: its shards may be taken at once. $1 id, $2 incarnation.
UPDATE nodes
SET state = 'gone', lease_until = clock_timestamp()
WHERE id = $1 AND incarnation = $2 AND state IN ('joining', 'live', 'draining')
