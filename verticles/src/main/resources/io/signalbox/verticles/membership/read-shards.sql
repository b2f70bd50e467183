-- Every shard and its owner.
SELECT kind, number, owner, incarnation, epoch FROM shards
