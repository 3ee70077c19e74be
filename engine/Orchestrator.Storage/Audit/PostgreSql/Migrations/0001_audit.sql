-- Who changed what, in a chain: each row's hash covers its own members and the hash of the row before it, so a row that is edited, removed or moved breaks the chain.
CREATE TABLE audit_log (
    seq      bigint           NOT NULL PRIMARY KEY,
    at       bigint           NOT NULL,
    actor    text COLLATE "C" NOT NULL,
    -- How the actor was known: user, key, token, folder, local.
    via      text COLLATE "C" NOT NULL,
    action   text COLLATE "C" NOT NULL,
    -- What was changed; null: nothing that has a name.
    target   text COLLATE "C",
    project  text COLLATE "C",
    details  text COLLATE "C",
    previous text COLLATE "C" NOT NULL,
    hash     text COLLATE "C" NOT NULL
);

CREATE INDEX audit_by_target ON audit_log (target, seq) WHERE target IS NOT NULL;

-- The end of the chain, in one row, made by the first append, that every append changes first: one append at a time, and rows that are missing at the end are missed.
CREATE TABLE audit_head (
    id   bigint           NOT NULL PRIMARY KEY CHECK (id = 1),
    seq  bigint           NOT NULL,
    hash text COLLATE "C" NOT NULL
);
