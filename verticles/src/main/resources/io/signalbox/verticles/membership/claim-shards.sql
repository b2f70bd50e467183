-- Takes shards that nobody owns, or whose owner's incarnation has ended and cannot believe any more that it acts. Waits for what
-- the former owner is writing; an epoch that is not the expected one any more is left alone. Only for a live node.
-- $1 id, $2 incarnation, $3 kinds, $4 numbers, $5 epochs.
UPDATE shards s
SET owner = $1, incarnation = $2, epoch = nextval('node_incarnation')
FROM (SELECT l.kind, l.number, w.epoch
      FROM shards l
      JOIN unnest($3::text[], $4::integer[], $5::integer[]) AS w (kind, number, epoch)
        ON l.kind = w.kind AND l.number = w.number AND l.epoch = w.epoch
      ORDER BY l.kind, l.number
      FOR NO KEY UPDATE OF l) AS c
WHERE s.kind = c.kind AND s.number = c.number AND s.epoch = c.epoch
  AND NOT EXISTS (SELECT FROM nodes o
                  WHERE o.id = s.owner
                    AND CASE WHEN o.incarnation <> s.incarnation THEN o.former_until > clock_timestamp()
                             ELSE o.state IN ('joining', 'live', 'draining')
                                  OR NOT lease_is_over(o.renewed_at, o.lease_until) END)
  AND EXISTS (SELECT FROM nodes m
              WHERE m.id = $1 AND m.incarnation = $2 AND m.state = 'live'
                AND NOT lease_is_over(m.renewed_at, m.lease_until))
