-- What was raised, and what people did about it.

-- name: raise_again
-- While one is open, the same raised again is the same alert. Its severity only rises: what was critical stays so until somebody closes it. A rise wants eyes again.
UPDATE alerts
SET times = times + 1, last_at = @now, reason = @reason, details = @details, run_id = @runId, severity = @severity,
    acknowledged_at = CASE WHEN @rises = 1 THEN NULL ELSE acknowledged_at END, acknowledged_by = CASE WHEN @rises = 1 THEN NULL ELSE acknowledged_by END
WHERE id = @id AND closed_at IS NULL;

-- name: insert_alert
INSERT INTO alerts (id, project, name, subject, severity, reason, details, run_id, raised_by, raised_at, last_at, times)
VALUES (@id, @project, @name, @subject, @severity, @reason, @details, @runId, @by, @now, @now, 1);

-- name: find_open_alert
SELECT id, project, name, subject, severity, reason, details, run_id, raised_by, raised_at, last_at, times, acknowledged_at, acknowledged_by, closed_at, closed_by, comment
FROM alerts WHERE project = @project AND name = @name AND subject = @subject AND closed_at IS NULL;

-- name: find_alert
SELECT id, project, name, subject, severity, reason, details, run_id, raised_by, raised_at, last_at, times, acknowledged_at, acknowledged_by, closed_at, closed_by, comment FROM alerts WHERE id = @id;

-- name: find_alerts_by_prefix
-- '~' comes after every character that identifiers have.
SELECT id, project, name, subject, severity, reason, details, run_id, raised_by, raised_at, last_at, times, acknowledged_at, acknowledged_by, closed_at, closed_by, comment
FROM alerts WHERE id >= @prefix AND id < @prefix || '~' ORDER BY id DESC LIMIT @limit;

-- name: list_alerts
-- Pages by key, newest first.
SELECT id, project, name, subject, severity, reason, details, run_id, raised_by, raised_at, last_at, times, acknowledged_at, acknowledged_by, closed_at, closed_by, comment
FROM alerts
WHERE (@all = 1 OR closed_at IS NULL)
  AND (@name::text IS NULL OR name = @name)
  AND (@projects::text IS NULL OR project IN (SELECT json_array_elements_text(@projects::json)))
  AND (@before::text IS NULL OR id < @before)
ORDER BY id DESC LIMIT @limit;

-- name: acknowledge_alert
UPDATE alerts SET acknowledged_at = @now, acknowledged_by = @by, comment = COALESCE(@comment::text, comment) WHERE id = @id AND closed_at IS NULL AND acknowledged_at IS NULL;

-- name: close_alert
UPDATE alerts SET closed_at = @now, closed_by = @by, comment = COALESCE(@comment::text, comment) WHERE id = @id AND closed_at IS NULL;

-- name: tell_raised
INSERT INTO outbox (kind, payload, at) VALUES ('alert.raised', @payload, @now);
