-- What became of submitted tasks: the task itself, or the one that has its key.
-- $1 ids, $2 submitters, $3 idempotency keys (empty: none).
SELECT s.id AS submitted, t.id, t.request_hash
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS s (id, submitter, idempotency_key)
JOIN tasks t ON t.id = s.id OR (t.submitter = s.submitter AND t.idempotency_key = nullif(s.idempotency_key, ''))
