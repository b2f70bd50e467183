-- $1 name, $2 version.
SELECT name, version, content_hash, document, publisher, published_at
FROM definitions
WHERE name = $1 AND version = $2
