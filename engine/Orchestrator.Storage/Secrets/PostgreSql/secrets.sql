-- Sealed secrets by name.

-- name: list_secrets
SELECT name, version, sealed, created_at, changed_at FROM secrets ORDER BY name;

-- name: find_secret
SELECT name, version, sealed, created_at, changed_at FROM secrets WHERE name = @name;

-- name: put_secret
INSERT INTO secrets (name, version, sealed, created_at, changed_at) VALUES (@name, 1, @value, @now, @now)
ON CONFLICT (name) DO UPDATE SET version = secrets.version + 1, sealed = excluded.sealed, changed_at = excluded.changed_at;

-- name: reseal_secret
-- The same value under another key: neither a new version nor a change, and only of the version that was read.
UPDATE secrets SET sealed = @value WHERE name = @name AND version = @version;

-- name: remove_secret
DELETE FROM secrets WHERE name = @name;
