-- The upper half of locks' fencing tokens. A row and no sequence: a sequence may give a number again after a crash of the server,
-- when nothing was committed since.
CREATE TABLE lock_epoch (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch integer NOT NULL
);
INSERT INTO lock_epoch (epoch) VALUES (0);

-- Documents that agents change by compare and set. A removed one stays, without content: its revisions and its token go on.
CREATE TABLE documents (
    name         text PRIMARY KEY,
    revision     bigint NOT NULL,
    token        bigint NOT NULL,
    content_type text NOT NULL,
    content      bytea NOT NULL,
    writer       text NOT NULL,
    written_at   bigint NOT NULL
);

-- Puts a document in the place of its revision `expected`, 0 for one that has no content, and under a token that is not below
-- the one it was written under. Outcomes: 'put', 'conflict', 'stale', 'full'; with the revision and token that there are now.
CREATE FUNCTION put_document(
    wanted text, expected bigint, fence bigint, new_type text, new_content bytea, new_writer text, at bigint, most bigint,
    OUT outcome text, OUT now_revision bigint, OUT now_token bigint) LANGUAGE plpgsql AS $$
DECLARE
    there documents;
BEGIN
    SELECT * INTO there FROM documents d WHERE d.name = wanted FOR UPDATE;
    IF NOT FOUND AND expected = 0 THEN
        IF (SELECT count(*) FROM documents) >= most THEN
            outcome := 'full'; now_revision := 0; now_token := 0;
            RETURN;
        END IF;
        INSERT INTO documents AS d VALUES (wanted, 1, fence, new_type, new_content, new_writer, at)
        ON CONFLICT (name) DO NOTHING RETURNING d.revision, d.token INTO now_revision, now_token;
        IF FOUND THEN
            outcome := 'put';
            RETURN;
        END IF;
        SELECT * INTO there FROM documents d WHERE d.name = wanted FOR UPDATE;
    END IF;
    now_revision := coalesce(there.revision, 0);
    now_token := coalesce(there.token, 0);
    IF now_token > fence THEN
        outcome := 'stale';
    ELSIF expected <> (CASE WHEN length(there.content) > 0 THEN now_revision ELSE 0 END) THEN
        outcome := 'conflict';
    ELSE
        UPDATE documents d
        SET revision = d.revision + 1, token = fence, content_type = new_type, content = new_content,
            writer = new_writer, written_at = at
        WHERE d.name = wanted RETURNING d.revision, d.token INTO now_revision, now_token;
        outcome := 'put';
    END IF;
END
$$;

-- Barriers. Phases only grow, so a barrier stays.
CREATE TABLE barriers (
    name  text PRIMARY KEY,
    phase bigint NOT NULL
);

-- Who is there, under leases by this server's clock. A party of an earlier phase than its barrier's has passed; it is kept for a
-- while, for it may not have heard of it.
CREATE TABLE barrier_parties (
    barrier    text NOT NULL REFERENCES barriers (name),
    party      text NOT NULL,
    phase      bigint NOT NULL,
    agent      text NOT NULL,
    generation bigint NOT NULL,
    until      timestamptz NOT NULL,
    PRIMARY KEY (barrier, party)
);

-- Gives the party itself, first, and whoever passes by its arrival. No row: there are as many barriers as may be.
CREATE FUNCTION arrive_at_barrier(
    wanted text, arriving text, who text, its_generation bigint, needed integer, lease_ms bigint, kept_ms bigint, most bigint)
RETURNS TABLE (party text, agent text, generation bigint, phase bigint, passed boolean, arrived integer)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    current_phase bigint;
    present integer;
    own barrier_parties;
BEGIN
    IF NOT EXISTS (SELECT FROM barriers b WHERE b.name = wanted) THEN
        IF (SELECT count(*) FROM barriers) >= most THEN
            RETURN;
        END IF;
        INSERT INTO barriers VALUES (wanted, 1) ON CONFLICT (name) DO NOTHING;
    END IF;
    SELECT b.phase INTO current_phase FROM barriers b WHERE b.name = wanted FOR UPDATE;
    DELETE FROM barrier_parties p WHERE p.barrier = wanted AND p.until < clock_timestamp();
    INSERT INTO barrier_parties AS p
    VALUES (wanted, arriving, current_phase, who, its_generation, clock_timestamp() + lease_ms * interval '1 millisecond')
    ON CONFLICT (barrier, party) DO UPDATE
    SET generation = excluded.generation, until = greatest(p.until, excluded.until)
    RETURNING p.* INTO own;
    SELECT count(*) INTO present FROM barrier_parties p WHERE p.barrier = wanted AND p.phase = own.phase;
    IF own.phase < current_phase OR present < needed THEN
        RETURN QUERY SELECT own.party, own.agent, own.generation, own.phase, own.phase < current_phase, present;
        RETURN;
    END IF;
    UPDATE barriers b SET phase = b.phase + 1 WHERE b.name = wanted;
    UPDATE barrier_parties p SET until = clock_timestamp() + kept_ms * interval '1 millisecond'
    WHERE p.barrier = wanted AND p.phase = current_phase;
    RETURN QUERY SELECT p.party, p.agent, p.generation, p.phase, true, present
    FROM barrier_parties p WHERE p.barrier = wanted AND p.phase = current_phase
    ORDER BY p.party = arriving DESC, p.party;
END
$$;
