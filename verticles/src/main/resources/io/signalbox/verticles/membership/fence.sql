-- Ends incarnations of other nodes: those whose lease is over, and those whose links are closed and that have not renewed for a
-- quarter of their lease. Only by a node that holds its own lease. Gives those that it ended.
-- $1 own id, $2 own incarnation, $3 ids, $4 incarnations, $5 whether their links are closed.
UPDATE nodes n
SET state = 'fenced'
FROM unnest($3::text[], $4::integer[], $5::boolean[]) AS f (id, incarnation, closed)
WHERE n.id = f.id AND n.incarnation = f.incarnation AND n.state IN ('joining', 'live', 'draining')
  AND (lease_is_over(n.renewed_at, n.lease_until)
       OR (f.closed AND n.renewed_at + (n.lease_until - n.renewed_at) / 4 < clock_timestamp()))
  AND EXISTS (SELECT FROM nodes o
              WHERE o.id = $1 AND o.incarnation = $2 AND o.state IN ('joining', 'live', 'draining')
                AND NOT lease_is_over(o.renewed_at, o.lease_until))
RETURNING n.id, n.incarnation
