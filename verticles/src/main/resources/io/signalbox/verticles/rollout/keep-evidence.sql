-- $1 definition, $2 rollout, $3 epoch, $4 evidence. An owner that was replaced changes nothing.
UPDATE rollouts
SET evidence = $4, epoch = $3
WHERE definition = $1 AND number = $2 AND epoch <= $3 AND state IN ('running', 'paused')
