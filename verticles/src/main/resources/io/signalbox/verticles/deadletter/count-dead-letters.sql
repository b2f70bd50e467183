-- How many there are. $1 agent (empty: all).
SELECT count(*) AS letters
FROM dead_letters
WHERE $1 = '' OR agent = $1
