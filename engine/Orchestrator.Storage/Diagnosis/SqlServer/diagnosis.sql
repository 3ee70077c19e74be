-- What has come to a halt, for people who look after a home. Reads only what is few: what is open, late, or newest.

-- name: clock
SELECT DATEDIFF_BIG(MICROSECOND, '19700101', SYSUTCDATETIME());

-- name: newest_run
SELECT TOP (1) created_at FROM runs ORDER BY id DESC;

-- name: late_slots
SELECT pool, COUNT(*) AS number, MIN(expires_at) AS since FROM slots WHERE expires_at < @now GROUP BY pool ORDER BY pool;

-- name: late_leases
SELECT id FROM runs WHERE ended_at IS NULL AND owner IS NOT NULL AND lease_until < @now ORDER BY id;

-- name: old_outbox
SELECT COUNT(*) AS number, COALESCE(MIN(at), 0) AS since FROM outbox WHERE done_at IS NULL AND at < @before;

-- name: late_notifications
SELECT COUNT(*) AS number, COALESCE(MIN(due_at), 0) AS since FROM notifications WHERE status IN (N'gathering', N'waiting') AND due_at < @before AND (lease_until IS NULL OR lease_until < @before);

-- name: failed_notifications
SELECT COUNT(*) AS number, COALESCE(MIN(ended_at), 0) AS since FROM notifications WHERE status = N'failed' AND ended_at >= @since;

-- name: old_requests
SELECT q.run_id FROM run_requests q JOIN runs r ON r.id = q.run_id
WHERE q.taken_at IS NULL AND r.ended_at IS NULL AND r.owner IS NOT NULL AND q.at < @before ORDER BY q.run_id;

-- name: ticks_since
SELECT pipeline, name, decision, COUNT(*) AS number FROM ticks
WHERE decided_at >= @since AND decision IN (N'failed', N'missed') GROUP BY pipeline, name, decision ORDER BY pipeline, name, decision;

-- name: late_ticks
SELECT pipeline, name, decision, COUNT(*) AS number FROM ticks WHERE decision = N'due' AND due_at < @before GROUP BY pipeline, name, decision ORDER BY pipeline, name;
