-- $1 barrier, $2 party, $3 its agent, $4 the agent's generation, $5 how many are needed, $6 lease and $7 how long passed ones are
-- kept, in milliseconds, $8 most barriers.
SELECT party, agent, generation, phase, passed, arrived FROM arrive_at_barrier($1, $2, $3, $4, $5, $6, $7, $8)
