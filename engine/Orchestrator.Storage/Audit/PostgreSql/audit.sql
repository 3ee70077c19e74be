-- The audit log. Rows are only ever added, in the transaction of the change that they tell of.

-- name: take_head
-- Before the head is read: its row is held until the commit.
INSERT INTO audit_head (id, seq, hash) VALUES (1, 1, '') ON CONFLICT (id) DO UPDATE SET seq = audit_head.seq + 1;

-- name: find_head
SELECT seq, hash FROM audit_head WHERE id = 1;

-- name: append
INSERT INTO audit_log (seq, at, actor, via, action, target, project, details, previous, hash)
VALUES (@Seq, @At, @Actor, @Via, @Action, @Target, @Project, @Details, @Previous, @Hash);

-- name: move_head
UPDATE audit_head SET hash = @hash WHERE id = 1;

-- name: list
-- Newest first, by key.
SELECT seq, at, actor, via, action, target, project, details, previous, hash
FROM audit_log
WHERE (@before::bigint IS NULL OR seq < @before)
  AND (@actor::text IS NULL OR actor = @actor)
  AND (@action::text IS NULL OR action = @action)
  AND (@target::text IS NULL OR target = @target)
ORDER BY seq DESC LIMIT @limit;

-- name: list_onward
SELECT seq, at, actor, via, action, target, project, details, previous, hash FROM audit_log WHERE seq > @after ORDER BY seq LIMIT @limit;
