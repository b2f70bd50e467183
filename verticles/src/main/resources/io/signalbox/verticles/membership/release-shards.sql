-- Gives shards back to nobody, under a new epoch: what their owner still writes late is refused.
-- $1 id, $2 incarnation, $3 kinds, $4 numbers, $5 epochs.
UPDATE shards s
SET owner = '', incarnation = 0, epoch = nextval('node_incarnation')
FROM unnest($3::text[], $4::integer[], $5::integer[]) AS r (kind, number, epoch)
WHERE s.kind = r.kind AND s.number = r.number AND s.epoch = r.epoch AND s.owner = $1 AND s.incarnation = $2
