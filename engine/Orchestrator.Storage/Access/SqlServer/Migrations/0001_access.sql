-- Who may do what. Of keys, links and sessions only hashes are stored: who reads the database cannot use them.
CREATE TABLE users (
    name        nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
    -- [{"project":"*","role":"admin"}]
    roles       nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    created_at  bigint                                        NOT NULL,
    created_by  nvarchar(256) COLLATE Latin1_General_100_BIN2 NOT NULL,
    disabled_at bigint                                        NULL
);

CREATE TABLE api_keys (
    id           nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL PRIMARY KEY,
    name         nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    hash         nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
    roles        nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    -- 1: may register C# scripts, which is running code.
    scripts      bigint                                        NOT NULL,
    created_at   bigint                                        NOT NULL,
    created_by   nvarchar(256) COLLATE Latin1_General_100_BIN2 NOT NULL,
    expires_at   bigint                                        NULL,
    last_used_at bigint                                        NULL,
    revoked_at   bigint                                        NULL,
    revoked_by   nvarchar(256) COLLATE Latin1_General_100_BIN2 NULL
);

CREATE TABLE sign_in_links (
    hash       nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
    user_name  nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES users (name),
    created_at bigint                                        NOT NULL,
    expires_at bigint                                        NOT NULL,
    used_at    bigint                                        NULL
);

CREATE TABLE sign_in_sessions (
    hash       nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
    user_name  nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL REFERENCES users (name),
    -- What a page must send beside the cookie to change anything.
    csrf       nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
    created_at bigint                                        NOT NULL,
    expires_at bigint                                        NOT NULL
);
