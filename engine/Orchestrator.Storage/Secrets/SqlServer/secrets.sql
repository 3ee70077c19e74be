-- Sealed secrets by name.

-- name: list_secrets
SELECT name, version, sealed, created_at, changed_at FROM secrets ORDER BY name;

-- name: find_secret
SELECT name, version, sealed, created_at, changed_at FROM secrets WHERE name = @name;

-- name: put_secret
UPDATE secrets WITH (UPDLOCK, HOLDLOCK) SET version = version + 1, sealed = @value, changed_at = @now WHERE name = @name;
INSERT INTO secrets (name, version, sealed, created_at, changed_at)
SELECT @name, 1, @value, @now, @now
WHERE NOT EXISTS (SELECT 1 FROM secrets WITH (UPDLOCK, HOLDLOCK) WHERE name = @name);

-- name: reseal_secret
-- The same value under another key: neither a new version nor a change, and only of the version that was read.
UPDATE secrets SET sealed = @value WHERE name = @name AND version = @version;

-- name: remove_secret
DELETE FROM secrets WHERE name = @name;
