-- The audit log. Rows are only ever added, in the transaction of the change that they tell of.

-- name: take_head
-- Before the head is read: its row is held until the commit.
UPDATE audit_head WITH (UPDLOCK, HOLDLOCK) SET seq = seq + 1 WHERE id = 1;
INSERT INTO audit_head (id, seq, hash) SELECT 1, 1, N'' WHERE NOT EXISTS (SELECT 1 FROM audit_head WITH (UPDLOCK, HOLDLOCK) WHERE id = 1);

-- name: find_head
SELECT seq, hash FROM audit_head WHERE id = 1;

-- name: append
INSERT INTO audit_log (seq, at, actor, via, action, target, project, details, previous, hash)
VALUES (@Seq, @At, @Actor, @Via, @Action, @Target, @Project, @Details, @Previous, @Hash);

-- name: move_head
UPDATE audit_head SET hash = @hash WHERE id = 1;

-- name: list
-- Newest first, by key.
SELECT TOP (@limit) seq, at, actor, via, action, target, project, details, previous, hash
FROM audit_log
WHERE (@before IS NULL OR seq < @before)
  AND (@actor IS NULL OR actor = @actor)
  AND (@action IS NULL OR action = @action)
  AND (@target IS NULL OR target = @target)
ORDER BY seq DESC;

-- name: list_onward
SELECT TOP (@limit) seq, at, actor, via, action, target, project, details, previous, hash FROM audit_log WHERE seq > @after ORDER BY seq;
