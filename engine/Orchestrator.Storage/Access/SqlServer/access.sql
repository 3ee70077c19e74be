-- Users, API keys, sign-in links, sessions.

-- name: insert_user
INSERT INTO users (name, roles, created_at, created_by)
SELECT @name, @roles, @now, @by WHERE NOT EXISTS (SELECT 1 FROM users WITH (UPDLOCK, HOLDLOCK) WHERE name = @name);

-- name: change_user
UPDATE users SET roles = @roles, disabled_at = @disabledAt WHERE name = @name;

-- name: find_user
SELECT name, roles, created_at, created_by, disabled_at FROM users WHERE name = @name;

-- name: list_users
SELECT name, roles, created_at, created_by, disabled_at FROM users ORDER BY name;

-- name: insert_key
INSERT INTO api_keys (id, name, hash, roles, scripts, created_at, created_by, expires_at) VALUES (@id, @name, @hash, @roles, @scripts, @now, @by, @expiresAt);

-- name: find_key
SELECT id, name, hash, roles, scripts, created_at, created_by, expires_at, last_used_at, revoked_at, revoked_by FROM api_keys WHERE id = @id;

-- name: list_keys
SELECT id, name, hash, roles, scripts, created_at, created_by, expires_at, last_used_at, revoked_at, revoked_by FROM api_keys ORDER BY id;

-- name: revoke_key
UPDATE api_keys SET revoked_at = @now, revoked_by = @by WHERE id = @id AND revoked_at IS NULL;

-- name: use_key
UPDATE api_keys SET last_used_at = @now WHERE id = @id;

-- name: insert_link
INSERT INTO sign_in_links (hash, user_name, created_at, expires_at) VALUES (@hash, @user, @now, @expiresAt);

-- name: use_link
-- Once: of two that come with the same link one finds no row.
UPDATE sign_in_links SET used_at = @now WHERE hash = @hash AND used_at IS NULL AND expires_at > @now;

-- name: find_link_user
SELECT user_name FROM sign_in_links WHERE hash = @hash;

-- name: insert_session
INSERT INTO sign_in_sessions (hash, user_name, csrf, created_at, expires_at) VALUES (@hash, @user, @csrf, @now, @expiresAt);

-- name: find_session
SELECT s.hash, s.user_name, s.csrf, s.created_at, s.expires_at, u.roles
FROM sign_in_sessions s JOIN users u ON u.name = s.user_name
WHERE s.hash = @hash AND s.expires_at > @now AND u.disabled_at IS NULL;

-- name: end_session
DELETE FROM sign_in_sessions WHERE hash = @hash;

-- name: end_sessions_of_user
DELETE FROM sign_in_sessions WHERE user_name = @user;

-- name: end_old_sessions
DELETE FROM sign_in_sessions WHERE expires_at <= @now;

-- name: count_used_links
SELECT COUNT(*) FROM sign_in_links WHERE used_at IS NOT NULL;
