-- $1 name, $2 revision that it replaces, 0 for none, $3 token, $4 content type, $5 content, $6 writer, $7 time in milliseconds,
-- $8 most documents.
SELECT outcome, now_revision AS revision, now_token AS token FROM put_document($1, $2, $3, $4, $5, $6, $7, $8)
