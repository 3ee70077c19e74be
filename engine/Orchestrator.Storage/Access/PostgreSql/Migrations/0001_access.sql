-- Who may do what. Of keys, links and sessions only hashes are stored: who reads the database cannot use them.
CREATE TABLE users (
    name        text COLLATE "C" NOT NULL PRIMARY KEY,
    -- [{"project":"*","role":"admin"}]
    roles       text COLLATE "C" NOT NULL,
    created_at  bigint           NOT NULL,
    created_by  text COLLATE "C" NOT NULL,
    disabled_at bigint
);

CREATE TABLE api_keys (
    id           text COLLATE "C" NOT NULL PRIMARY KEY,
    name         text COLLATE "C" NOT NULL,
    hash         text COLLATE "C" NOT NULL,
    roles        text COLLATE "C" NOT NULL,
    -- 1: may register C# scripts, which is running code.
    scripts      bigint           NOT NULL,
    created_at   bigint           NOT NULL,
    created_by   text COLLATE "C" NOT NULL,
    expires_at   bigint,
    last_used_at bigint,
    revoked_at   bigint,
    revoked_by   text COLLATE "C"
);

CREATE TABLE sign_in_links (
    hash       text COLLATE "C" NOT NULL PRIMARY KEY,
    user_name  text COLLATE "C" NOT NULL REFERENCES users (name),
    created_at bigint           NOT NULL,
    expires_at bigint           NOT NULL,
    used_at    bigint
);

CREATE TABLE sign_in_sessions (
    hash       text COLLATE "C" NOT NULL PRIMARY KEY,
    user_name  text COLLATE "C" NOT NULL REFERENCES users (name),
    -- What a page must send beside the cookie to change anything.
    csrf       text COLLATE "C" NOT NULL,
    created_at bigint           NOT NULL,
    expires_at bigint           NOT NULL
);
