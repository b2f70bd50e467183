-- Takes a decision, if the revision that it was made for is the last one: channels, rollout and history together.
-- $1 definition, $2 new revision, $3 stable, $4 rollout or 0, $5 action, $6 canary or '', $7 share, $8 what it is about or 0, $9 by,
-- $10 why, $11 at, $12 evidence of the decision or null; the rollout: $13 stable, $14 canary, $15 share, $16 state, $17 error ratio,
-- $18 latency ratio, $19 latency quantile, $20 alpha, $21 by, $22 why, $23 started at.
-- Gives a row when it was taken.
WITH moved AS (
    INSERT INTO definition_channels AS c (definition, revision, stable, rollout, changed_at)
    SELECT $1::text, $2::bigint, $3::text, $4::bigint, clock_timestamp()
    WHERE $2::bigint = 1 OR EXISTS (SELECT FROM definition_channels WHERE definition = $1::text)
    ON CONFLICT (definition) DO UPDATE
    SET revision = excluded.revision, stable = excluded.stable, rollout = excluded.rollout, changed_at = excluded.changed_at
    WHERE c.revision = excluded.revision - 1
    RETURNING c.revision
),
rolled AS (
    INSERT INTO rollouts AS r (definition, number, stable, canary, share, state, error_ratio, latency_ratio, latency_quantile,
                               alpha, started_by, why, started_at, changed_at, evidence)
    SELECT $1::text, $4::bigint, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $11, coalesce($12::bytea, ''::bytea)
    FROM moved
    WHERE $4::bigint <> 0
    ON CONFLICT (definition, number) DO UPDATE
    SET state = excluded.state, share = excluded.share, changed_at = excluded.changed_at,
        evidence = coalesce($12::bytea, r.evidence)
),
noted AS (
    INSERT INTO channel_moves (definition, revision, action, stable, canary, share, rollout, decided_by, why, decided_at, evidence)
    SELECT $1::text, $2::bigint, $5, $3::text, $6, $7, $8, $9, $10, $11, $12::bytea
    FROM moved
)
SELECT revision FROM moved
