-- $1 name, $2 version.
SELECT 1 FROM definitions WHERE name = $1 AND version = $2
