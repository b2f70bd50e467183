-- $1 barrier, $2 party, $3 its agent
DELETE FROM barrier_parties p USING barriers b
WHERE p.barrier = $1 AND p.party = $2 AND p.agent = $3 AND b.name = p.barrier AND b.phase = p.phase
