-- Published definitions: a version never changes.
CREATE TABLE definitions (
    name         text NOT NULL,
    version      text NOT NULL,
    content_hash text NOT NULL,
    document     text NOT NULL,
    publisher    text NOT NULL,
    published_at timestamptz NOT NULL,
    PRIMARY KEY (name, version)
);

-- The schemas of a skill's version, the same wherever the skill is declared.
CREATE TABLE skill_schemas (
    name        text NOT NULL,
    version     text NOT NULL,
    schema_hash text NOT NULL,
    PRIMARY KEY (name, version)
);
