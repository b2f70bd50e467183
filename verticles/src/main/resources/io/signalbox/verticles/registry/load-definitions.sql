-- Every version of every definition, in the order of publication.
SELECT name, version, content_hash, document, publisher, published_at
FROM definitions
ORDER BY published_at, name, version
