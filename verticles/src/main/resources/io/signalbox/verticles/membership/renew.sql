-- Renews a lease and reads the cluster. A row for each node that is neither gone nor fenced; without any, or with the node's own
-- row not renewed, the incarnation has ended. The node's own row is as it was before.
-- $1 id, $2 incarnation, $3 state, $4 lease in microseconds.
WITH renewed AS (
    UPDATE nodes
    SET state = $3,
        renewed_at = clock_timestamp(),
        lease_until = clock_timestamp() + $4::bigint * interval '1 microsecond'
    WHERE id = $1 AND incarnation = $2 AND state IN ('joining', 'live', 'draining')
    RETURNING id
)
SELECT n.id, n.incarnation, n.kind, n.capacity, n.address, n.state,
       (extract(epoch FROM n.renewed_at) * 1000000)::bigint AS renewal,
       (extract(epoch FROM clock_timestamp() - n.renewed_at) * 1000000)::bigint AS age,
       (extract(epoch FROM n.lease_until - n.renewed_at) * 1000000)::bigint AS lease,
       EXISTS (SELECT FROM renewed) AS granted,
       (SELECT coalesce(sum(epoch), 0) FROM shards)::bigint AS shards_version
FROM nodes n
WHERE n.state IN ('joining', 'live', 'draining')
