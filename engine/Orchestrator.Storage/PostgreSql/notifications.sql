-- Messages to channels: from causes in the outbox to notices, gathered into messages, which one sender at a time sends.

-- name: list_causes
-- What happened that nobody has looked at yet, in order. Kinds of a later version wait for it.
SELECT seq AS sequence, kind, payload, at FROM outbox WHERE done_at IS NULL AND kind IN (SELECT json_array_elements_text(@kinds::json)) ORDER BY seq LIMIT @limit;

-- name: take_cause
-- Of two that look at one cause at the same time one closes it, and its messages are stored with that.
UPDATE outbox SET done_at = @now WHERE seq = @sequence AND done_at IS NULL;

-- name: has_notice
SELECT COUNT(*) FROM notices WHERE channel = @channel AND notice_key = @key;

-- name: find_gathering
SELECT id FROM notifications WHERE channel = @channel AND event = @event AND status = 'gathering' AND due_at > @now AND notices < @most;

-- name: end_gathering
-- One that is due, or full, takes no more; another one takes its place.
UPDATE notifications SET status = 'waiting' WHERE channel = @channel AND event = @event AND status = 'gathering';

-- name: join_gathering
UPDATE notifications SET notices = notices + 1 WHERE id = @id AND status = 'gathering';

-- name: insert_notification
INSERT INTO notifications (id, channel, event, urgent, status, notices, created_at, due_at, attempts)
VALUES (@id, @channel, @event, @urgent, @status, 1, @now, @dueAt, 0);

-- name: insert_notice
-- Its number is the count that its own coming has made.
INSERT INTO notices (notification, number, channel, notice_key, payload, at)
SELECT n.id, n.notices, n.channel, @key, @payload, @at FROM notifications n WHERE n.id = @id;

-- name: list_due
SELECT id, channel, event, urgent, status, notices, created_at, due_at, attempts, lease_owner, lease_until, error, ended_at
FROM notifications WHERE status IN ('gathering', 'waiting') AND due_at <= @now AND (lease_until IS NULL OR lease_until <= @now) ORDER BY due_at, id LIMIT @limit;

-- name: next_due
SELECT MIN(due_at) FROM notifications WHERE status IN ('gathering', 'waiting');

-- name: claim_notification
-- One conditional statement: of two senders one changes the row and the other finds the condition false. The attempt's number fences what is written about it later.
UPDATE notifications SET status = 'waiting', attempts = attempts + 1, lease_owner = @owner, lease_until = @until
WHERE id = @id AND attempts = @attempts AND status IN ('gathering', 'waiting') AND due_at <= @now AND (lease_until IS NULL OR lease_until <= @now);

-- name: hold_notification
-- It is due, and its channel wants quiet: it goes on gathering until then.
UPDATE notifications SET due_at = @until WHERE id = @id AND attempts = @attempts AND status IN ('gathering', 'waiting') AND (lease_until IS NULL OR lease_until <= @now);

-- name: settle_notification
-- Who sent it under a lease that has run out and was given to another one changes nothing.
UPDATE notifications SET status = @status, due_at = @dueAt, error = @error, ended_at = @endedAt, lease_owner = NULL, lease_until = NULL
WHERE id = @id AND attempts = @attempts AND lease_owner = @owner AND status = 'waiting';

-- name: find_notification
SELECT id, channel, event, urgent, status, notices, created_at, due_at, attempts, lease_owner, lease_until, error, ended_at FROM notifications WHERE id = @id;

-- name: find_notifications_by_prefix
SELECT id, channel, event, urgent, status, notices, created_at, due_at, attempts, lease_owner, lease_until, error, ended_at
FROM notifications WHERE id >= @prefix AND id < @prefix || '~' ORDER BY id DESC LIMIT @limit;

-- name: list_notifications
SELECT id, channel, event, urgent, status, notices, created_at, due_at, attempts, lease_owner, lease_until, error, ended_at
FROM notifications
WHERE (@channel::text IS NULL OR channel = @channel)
  AND (@statuses::text IS NULL OR status IN (SELECT json_array_elements_text(@statuses::json)))
  AND (@before::text IS NULL OR id < @before)
ORDER BY id DESC LIMIT @limit;

-- name: list_notices
SELECT number, notice_key AS "key", payload, at FROM notices WHERE notification = @id ORDER BY number LIMIT @limit;
