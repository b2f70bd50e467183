-- $1 id.
SELECT * FROM fleet_directives WHERE id = $1
