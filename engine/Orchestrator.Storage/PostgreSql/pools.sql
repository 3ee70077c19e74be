-- Pools and their slots. A slot is a lease: it counts until it is freed or its expiry passes.

-- name: set_pool
INSERT INTO pools (name, size) VALUES (@pool, @size) ON CONFLICT (name) DO UPDATE SET size = excluded.size;

-- name: list_pools
SELECT p.name, p.size, COALESCE((SELECT SUM(s.weight)::bigint FROM slots s WHERE s.pool = p.name AND s.expires_at > @now), 0) AS used
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
-- Who takes slots of a pool writes the pool's row first, so that takers take turns; the second statement then counts what is committed. Written, not only locked, so that
-- of two operations that run as if alone the later one is undone. Taking again with the same attempt replaces its weight and expiry.
UPDATE pools SET size = size WHERE name = @p0;
INSERT INTO slots (pool, attempt_id, weight, owner, expires_at)
SELECT p.name, @p1, @p2, @p3, @p4 FROM pools p
WHERE p.name = @p0
  AND @p2 + COALESCE((SELECT SUM(s.weight)::bigint FROM slots s WHERE s.pool = p.name AND s.expires_at > @p5 AND s.attempt_id <> @p1), 0) <= p.size
ON CONFLICT (pool, attempt_id) DO UPDATE SET weight = excluded.weight, owner = excluded.owner, expires_at = excluded.expires_at;

-- name: free_slots
DELETE FROM slots WHERE attempt_id = @p0;

-- name: renew_slots
UPDATE slots SET expires_at = @until WHERE owner = @owner;

-- name: list_line
SELECT pool, run_id, slots, priority, since, expires_at FROM pool_line WHERE expires_at > @now ORDER BY pool, priority DESC, since, run_id;

-- name: stand_in_line
INSERT INTO pool_line (pool, run_id, slots, priority, since, expires_at) VALUES (@pool, @runId, @slots, @priority, @since, @expiresAt)
ON CONFLICT (pool, run_id) DO UPDATE SET slots = excluded.slots, priority = excluded.priority, since = excluded.since, expires_at = excluded.expires_at;

-- name: leave_line
-- With those whose process died.
DELETE FROM pool_line WHERE pool = @pool AND (run_id = @runId OR expires_at <= @now);
