-- Concurrency keys: how many runs that share one go on at once. A run enters in the commit that accepts it and leaves in the one that ends it.
-- A permit is a number from 1 to the limit. The lowest that is free is taken, so two that are after the last one want the same number. Runs
-- that share a key take turns until their commits (an advisory lock on the key), so each counts what is true; the unique index is behind that, for whoever forgets.

-- name: enter_key
SELECT pg_advisory_xact_lock(hashtext('orc concurrency key'), hashtext(@name));
INSERT INTO concurrency_holds (run_id, name, run_limit, position, permit, leaving_for, since)
SELECT @run, @name, @limit, COALESCE(MAX(h.position), 0) + 1, NULL, NULL, @now FROM concurrency_holds h WHERE h.name = @name;

-- name: take_permit
-- First come, first served: nobody passes one that came before and could go on itself. One that could not is passed: it is paused, or was asked to end,
-- or no process works on it. @unbounded lets a run in beside the others.
SELECT pg_advisory_xact_lock(hashtext('orc concurrency key'), hashtext(@name));
UPDATE concurrency_holds
SET since = @now,
    permit = (SELECT MIN(c.permit)
              FROM (SELECT 1 AS permit UNION ALL SELECT h.permit + 1 FROM concurrency_holds h WHERE h.name = @name AND h.permit IS NOT NULL) c
              WHERE NOT EXISTS (SELECT 1 FROM concurrency_holds x WHERE x.name = @name AND x.permit = c.permit))
WHERE run_id = @run AND permit IS NULL AND leaving_for IS NULL
  AND (@unbounded = 1
       OR ((SELECT COUNT(*) FROM concurrency_holds h WHERE h.name = @name AND h.permit IS NOT NULL) < @limit
           AND NOT EXISTS (SELECT 1 FROM concurrency_holds w JOIN runs r ON r.id = w.run_id
                           WHERE w.name = @name AND w.permit IS NULL AND w.leaving_for IS NULL AND w.position < concurrency_holds.position
                             AND r.status = 'queued' AND r.owner IS NOT NULL AND r.lease_until > @now)));

-- name: displace_waiting
-- Of those that wait only the newest stays.
UPDATE concurrency_holds SET leaving_for = @run
WHERE name = @name AND run_id <> @run AND permit IS NULL AND leaving_for IS NULL;

-- name: displace_oldest
-- As many of the newest stay as leave room for one more. Who was asked before is not asked again.
UPDATE concurrency_holds SET leaving_for = @run
WHERE name = @name AND run_id <> @run AND leaving_for IS NULL
  AND (SELECT COUNT(*) FROM concurrency_holds n
       WHERE n.name = @name AND n.run_id <> @run AND n.leaving_for IS NULL AND n.position > concurrency_holds.position) >= @limit - 1;

-- name: ask_displaced
INSERT INTO run_requests (id, run_id, kind, payload, asked_by, at)
SELECT @request::text || '-' || h.run_id, h.run_id, @kind, @payload, @by, @now FROM concurrency_holds h WHERE h.name = @name AND h.leaving_for = @run;

-- name: queue_run
-- The run was written as one that goes on; there is no room for it.
UPDATE runs SET status = @status, sequence = @sequence WHERE id = @run;

-- name: leave_key
DELETE FROM concurrency_holds WHERE run_id = @p0;

-- name: list_key
-- Those that go on first, then those that wait, each in the order they came.
SELECT h.run_id, h.name, h.run_limit AS "limit", h.permit, h.leaving_for, h.since, r.pipeline, r.status
FROM concurrency_holds h JOIN runs r ON r.id = h.run_id
WHERE h.name = @name
ORDER BY CASE WHEN h.permit IS NULL THEN 1 ELSE 0 END, h.position;

-- name: list_admissible
-- From the few unfinished runs of an owner; the same conditions as take_permit has.
SELECT h.run_id
FROM runs r JOIN concurrency_holds h ON h.run_id = r.id
WHERE r.owner = @owner AND r.ended_at IS NULL AND r.status = 'queued' AND h.permit IS NULL AND h.leaving_for IS NULL
  AND (SELECT COUNT(*) FROM concurrency_holds p WHERE p.name = h.name AND p.permit IS NOT NULL) < h.run_limit
  AND NOT EXISTS (SELECT 1 FROM concurrency_holds w JOIN runs o ON o.id = w.run_id
                  WHERE w.name = h.name AND w.permit IS NULL AND w.leaving_for IS NULL AND w.position < h.position
                    AND o.status = 'queued' AND o.owner IS NOT NULL AND o.lease_until > @now)
ORDER BY h.position;

-- name: list_displaced
-- Asked to end in favour of a run of this owner, and nobody there to hear it.
SELECT h.run_id
FROM runs mine JOIN concurrency_holds h ON h.leaving_for = mine.id JOIN runs r ON r.id = h.run_id
WHERE mine.owner = @owner AND mine.ended_at IS NULL
  AND r.ended_at IS NULL AND (r.owner IS NULL OR r.lease_until <= @now OR r.owner IN (SELECT json_array_elements_text(@dead::json)))
ORDER BY h.run_id;
