-- Adds a definition and its skills' schemas, unless one of them is known with other schemas or the version is there.
-- $1 name, $2 version, $3 content hash, $4 document, $5 publisher, $6 now, $7 skill names, $8 skill versions, $9 schema hashes.
-- Gives the first conflicting skill, and whether the definition is new.
WITH declared AS (
    SELECT * FROM unnest($7::text[], $8::text[], $9::text[]) AS s (name, version, schema_hash)
),
conflicting AS (
    SELECT d.name, d.version
    FROM declared d JOIN skill_schemas s USING (name, version)
    WHERE s.schema_hash <> d.schema_hash
    ORDER BY d.name
    LIMIT 1
),
added AS (
    INSERT INTO definitions (name, version, content_hash, document, publisher, published_at)
    SELECT $1, $2, $3, $4, $5, $6 WHERE NOT EXISTS (SELECT FROM conflicting)
    ON CONFLICT DO NOTHING
    RETURNING name
),
added_skills AS (
    INSERT INTO skill_schemas (name, version, schema_hash)
    SELECT name, version, schema_hash FROM declared WHERE EXISTS (SELECT FROM added)
    ON CONFLICT DO NOTHING
)
SELECT (SELECT name FROM conflicting) AS skill,
       (SELECT version FROM conflicting) AS skill_version,
       EXISTS (SELECT FROM added) AS created
