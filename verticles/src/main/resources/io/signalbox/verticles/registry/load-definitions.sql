-- Every version of every definition.
SELECT name, version, content_hash, document, publisher, published_at
FROM definitions
