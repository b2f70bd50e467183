-- What only one process at a time can have, such as a locked data directory: whoever joins with the same home knows that the
-- process before it is dead, and need not wait for its lease.
ALTER TABLE nodes ADD COLUMN home uuid NOT NULL DEFAULT gen_random_uuid();
