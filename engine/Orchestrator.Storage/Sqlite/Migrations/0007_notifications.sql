-- What people are told: what was raised, which pipelines fail, and the messages that go out. The cause of each message is a row of outbox, written with what it tells of.

-- Pipelines whose newest run that succeeded or failed has failed. The first success takes the row away, and is a recovery.
CREATE TABLE failing_pipelines (
    pipeline TEXT    NOT NULL PRIMARY KEY,
    -- The run that failed first.
    run_id   TEXT    NOT NULL,
    failures INTEGER NOT NULL,
    since    INTEGER NOT NULL
) WITHOUT ROWID;

-- What monitors, pipelines and people raise. While one is open, raising the same again counts and makes no second one.
CREATE TABLE alerts (
    id              TEXT    NOT NULL PRIMARY KEY,
    project         TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    -- What it is about: a model, a feature, an endpoint.
    subject         TEXT    NOT NULL,
    -- info, warning, critical: the highest that it was raised with.
    severity        TEXT    NOT NULL,
    -- The newest.
    reason          TEXT    NOT NULL,
    details         TEXT,
    run_id          TEXT,
    raised_by       TEXT    NOT NULL,
    raised_at       INTEGER NOT NULL,
    last_at         INTEGER NOT NULL,
    times           INTEGER NOT NULL,
    acknowledged_at INTEGER,
    acknowledged_by TEXT,
    closed_at       INTEGER,
    closed_by       TEXT,
    comment         TEXT   
) WITHOUT ROWID;

CREATE UNIQUE INDEX alerts_open ON alerts (project, name, subject) WHERE closed_at IS NULL;

-- A message to a channel.
CREATE TABLE notifications (
    id          TEXT    NOT NULL PRIMARY KEY,
    channel     TEXT    NOT NULL,
    event       TEXT    NOT NULL,
    urgent      INTEGER NOT NULL,
    -- gathering (takes more notices until it is due), waiting, sent, failed (given up).
    status      TEXT    NOT NULL,
    -- How many notices it has.
    notices     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    -- When it is to be sent, or tried again.
    due_at      INTEGER NOT NULL,
    attempts    INTEGER NOT NULL,
    -- Who sends it now; nobody else does until then.
    lease_owner TEXT,
    lease_until INTEGER,
    -- Why the last attempt failed.
    error       TEXT,
    ended_at    INTEGER
) WITHOUT ROWID;

-- Senders look here; what is done, which is nearly all, is not in it.
CREATE INDEX notifications_open ON notifications (due_at) WHERE status IN ('gathering', 'waiting');
-- Of each channel and event one message gathers.
CREATE UNIQUE INDEX notifications_gathering ON notifications (channel, event) WHERE status = 'gathering';

-- What a message tells of.
CREATE TABLE notices (
    notification TEXT    NOT NULL REFERENCES notifications (id),
    -- From 1.
    number       INTEGER NOT NULL,
    channel      TEXT    NOT NULL,
    -- What makes a notice that comes twice one.
    notice_key   TEXT    NOT NULL,
    payload      TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (notification, number)
) WITHOUT ROWID;

CREATE UNIQUE INDEX notices_by_key ON notices (channel, notice_key);
