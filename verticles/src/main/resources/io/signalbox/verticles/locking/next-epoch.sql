-- Gives an epoch, greater than all before. Committed before it is used.
UPDATE lock_epoch SET epoch = epoch + 1 RETURNING epoch
