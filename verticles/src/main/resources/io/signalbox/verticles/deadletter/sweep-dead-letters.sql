-- Removes the oldest. What another node sweeps at the moment is left to it. $1 time of death, $2 how many at most.
DELETE FROM dead_letters
WHERE (agent, message_id) IN (
    SELECT agent, message_id
    FROM dead_letters
    WHERE died_at < $1
    ORDER BY died_at
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)
