-- Pools and their slots. A slot is a lease: it counts until it is freed or its expiry passes.

-- name: set_pool
UPDATE pools WITH (UPDLOCK, HOLDLOCK) SET size = @size WHERE name = @pool;
INSERT INTO pools (name, size) SELECT @pool, @size WHERE NOT EXISTS (SELECT 1 FROM pools WITH (UPDLOCK, HOLDLOCK) WHERE name = @pool);

-- name: list_pools
SELECT p.name, p.size, COALESCE((SELECT SUM(s.weight) FROM slots s WHERE s.pool = p.name AND s.expires_at > @now), 0) AS used
FROM pools p ORDER BY p.name;

-- name: list_holders
-- From the few slots to the few unfinished runs to the attempt by its key: the history is not looked at.
SELECT s.attempt_id, s.weight, s.expires_at, h.run_id, h.task, NULLIF(h.map_index, -1) AS map_index
FROM slots s
LEFT JOIN (SELECT a.id, a.run_id, a.task, a.map_index FROM runs r JOIN attempts a ON a.run_id = r.id WHERE r.ended_at IS NULL AND a.ended_at IS NULL) h ON h.id = s.attempt_id
WHERE s.pool = @pool AND s.expires_at > @now
ORDER BY s.attempt_id;

-- name: has_pool
SELECT COUNT(*) FROM pools WHERE name = @pool;

-- name: take_slot
-- Who takes slots of a pool locks the pool's row first and until the commit, so that takers take turns and the count below is true. Read, not written: a text's
-- changed rows are added up. Taking again with the same attempt replaces its weight and expiry.
DECLARE @size bigint = (SELECT size FROM pools WITH (UPDLOCK, HOLDLOCK) WHERE name = @p0);
UPDATE slots SET weight = @p2, owner = @p3, expires_at = @p4
WHERE pool = @p0 AND attempt_id = @p1
  AND @p2 + COALESCE((SELECT SUM(s.weight) FROM slots s WHERE s.pool = @p0 AND s.expires_at > @p5 AND s.attempt_id <> @p1), 0) <= @size;
INSERT INTO slots (pool, attempt_id, weight, owner, expires_at)
SELECT @p0, @p1, @p2, @p3, @p4
WHERE NOT EXISTS (SELECT 1 FROM slots WITH (UPDLOCK, HOLDLOCK) WHERE pool = @p0 AND attempt_id = @p1)
  AND @p2 + COALESCE((SELECT SUM(s.weight) FROM slots s WHERE s.pool = @p0 AND s.expires_at > @p5 AND s.attempt_id <> @p1), 0) <= @size;

-- name: free_slots
DELETE FROM slots WHERE attempt_id = @p0;

-- name: renew_slots
UPDATE slots SET expires_at = @until WHERE owner = @owner;

-- name: list_line
SELECT pool, run_id, slots, priority, since, expires_at FROM pool_line WHERE expires_at > @now ORDER BY pool, priority DESC, since, run_id;

-- name: stand_in_line
UPDATE pool_line WITH (UPDLOCK, HOLDLOCK) SET slots = @slots, priority = @priority, since = @since, expires_at = @expiresAt WHERE pool = @pool AND run_id = @runId;
INSERT INTO pool_line (pool, run_id, slots, priority, since, expires_at) SELECT @pool, @runId, @slots, @priority, @since, @expiresAt
WHERE NOT EXISTS (SELECT 1 FROM pool_line WITH (UPDLOCK, HOLDLOCK) WHERE pool = @pool AND run_id = @runId);

-- name: leave_line
-- With those whose process died.
DELETE FROM pool_line WHERE pool = @pool AND (run_id = @runId OR expires_at <= @now);
