-- Holds shards until the transaction ends, or fails it with SB001. $1 kind, $2 numbers, $3 epochs.
SELECT hold_shards($1, $2::integer[], $3::integer[])
