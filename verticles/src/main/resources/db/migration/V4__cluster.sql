-- Who may act. Leases go by this server's clock alone. An incarnation has ended for good when it is fenced, when it is gone,
-- or when its node has a greater one; as long as it has not, a lease that is over may still be renewed.
ALTER TABLE nodes RENAME COLUMN claimed_at TO joined_at;
ALTER TABLE nodes
    ADD COLUMN state text NOT NULL DEFAULT 'gone' CHECK (state IN ('joining', 'live', 'draining', 'fenced', 'gone')),
    ADD COLUMN address text NOT NULL DEFAULT '',
    -- tells a node that joins again from a second process under its id
    ADD COLUMN process uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    ADD COLUMN renewed_at timestamptz NOT NULL DEFAULT 'epoch',
    ADD COLUMN lease_until timestamptz NOT NULL DEFAULT 'epoch',
    -- until when somebody may believe that an earlier incarnation acts
    ADD COLUMN former_until timestamptz NOT NULL DEFAULT 'epoch',
    -- a new version in the same page for each renewal
    SET (fillfactor = 30);

-- Shares of work and who owns them; '' is nobody. The epoch grows with each change, also over those of other shards, and
-- comes from the sequence that incarnations come from, so that tokens made with either grow.
CREATE TABLE shards (
    kind        text NOT NULL,
    number      integer NOT NULL,
    owner       text NOT NULL DEFAULT '',
    incarnation integer NOT NULL DEFAULT 0,
    epoch       integer NOT NULL DEFAULT nextval('node_incarnation'),
    PRIMARY KEY (kind, number)
) WITH (fillfactor = 30);

-- Whether nobody can believe any more that this lease holds. Or the clock has gone back by more than a lease: then nothing
-- can be told by it, and nobody is to wait for it to catch up.
CREATE FUNCTION lease_is_over(renewed_at timestamptz, lease_until timestamptz) RETURNS boolean
LANGUAGE sql VOLATILE
RETURN lease_until < clock_timestamp() OR renewed_at - (lease_until - renewed_at) > clock_timestamp();

-- Holds shards until the transaction ends: nobody takes them over before that. Fails with SB001 when one of them is not
-- under its epoch any more, and with it fails everything that the transaction writes.
CREATE FUNCTION hold_shards(wanted_kind text, numbers integer[], epochs integer[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    held integer;
BEGIN
    PERFORM FROM shards s
    JOIN unnest(numbers, epochs) AS w (number, epoch) ON s.number = w.number AND s.epoch = w.epoch
    WHERE s.kind = wanted_kind
    ORDER BY s.number
    FOR SHARE OF s;
    GET DIAGNOSTICS held = ROW_COUNT;
    IF held <> cardinality(numbers) THEN
        RAISE EXCEPTION 'of shards % of %, % are held under epochs %', numbers, wanted_kind, held, epochs
            USING ERRCODE = 'SB001';
    END IF;
END
$$;
