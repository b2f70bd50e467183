-- The channels of definitions with the documents of the versions that they point at.
-- $1 a definition; null: all that changed lately. $2 lately: since this, less the time that a transaction may take.
SELECT n.name, coalesce(c.revision, 0) AS revision, coalesce(c.stable, n.first) AS channel_stable,
       clock_timestamp() AS read_at, s.document AS stable_document, k.document AS canary_document, r.*
FROM (SELECT name, (array_agg(version ORDER BY published_at, version))[1] AS first
      FROM definitions
      WHERE name = $1::text
         OR $1::text IS NULL AND name IN (SELECT definition FROM definition_channels WHERE changed_at > $2::timestamptz - interval '10 s')
      GROUP BY name) n
LEFT JOIN definition_channels c ON c.definition = n.name
LEFT JOIN rollouts r ON r.definition = n.name AND r.number = c.rollout
JOIN definitions s ON s.name = n.name AND s.version = coalesce(c.stable, n.first)
LEFT JOIN definitions k ON k.name = n.name AND k.version = r.canary
ORDER BY n.name
