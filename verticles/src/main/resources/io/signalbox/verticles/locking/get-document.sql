-- $1 name
SELECT name, revision, token, content_type, content, writer, written_at FROM documents WHERE name = $1 AND length(content) > 0
