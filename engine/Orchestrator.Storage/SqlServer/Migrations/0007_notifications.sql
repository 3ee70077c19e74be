-- What people are told: what was raised, which pipelines fail, and the messages that go out. The cause of each message is a row of outbox, written with what it tells of.

-- Pipelines whose newest run that succeeded or failed has failed. The first success takes the row away, and is a recovery.
CREATE TABLE failing_pipelines (
    pipeline nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
    -- The run that failed first.
    run_id   nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL,
    failures bigint                                        NOT NULL,
    since    bigint                                        NOT NULL
);

-- What monitors, pipelines and people raise. While one is open, raising the same again counts and makes no second one.
CREATE TABLE alerts (
    id              nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL PRIMARY KEY,
    project         nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    name            nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    -- What it is about: a model, a feature, an endpoint.
    subject         nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
    -- info, warning, critical: the highest that it was raised with.
    severity        nvarchar(32) COLLATE Latin1_General_100_BIN2  NOT NULL,
    -- The newest.
    reason          nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    details         nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    run_id          nvarchar(64) COLLATE Latin1_General_100_BIN2  NULL,
    raised_by       nvarchar(256) COLLATE Latin1_General_100_BIN2 NOT NULL,
    raised_at       bigint                                        NOT NULL,
    last_at         bigint                                        NOT NULL,
    times           bigint                                        NOT NULL,
    acknowledged_at bigint                                        NULL,
    acknowledged_by nvarchar(256) COLLATE Latin1_General_100_BIN2 NULL,
    closed_at       bigint                                        NULL,
    closed_by       nvarchar(256) COLLATE Latin1_General_100_BIN2 NULL,
    comment         nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL
);

CREATE UNIQUE INDEX alerts_open ON alerts (project, name, subject) WHERE closed_at IS NULL;

-- A message to a channel.
CREATE TABLE notifications (
    id          nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL PRIMARY KEY,
    channel     nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    event       nvarchar(32) COLLATE Latin1_General_100_BIN2  NOT NULL,
    urgent      bigint                                        NOT NULL,
    -- gathering (takes more notices until it is due), waiting, sent, failed (given up).
    status      nvarchar(32) COLLATE Latin1_General_100_BIN2  NOT NULL,
    -- How many notices it has.
    notices     bigint                                        NOT NULL,
    created_at  bigint                                        NOT NULL,
    -- When it is to be sent, or tried again.
    due_at      bigint                                        NOT NULL,
    attempts    bigint                                        NOT NULL,
    -- Who sends it now; nobody else does until then.
    lease_owner nvarchar(256) COLLATE Latin1_General_100_BIN2 NULL,
    lease_until bigint                                        NULL,
    -- Why the last attempt failed.
    error       nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
    ended_at    bigint                                        NULL
);

-- Senders look here; what is done, which is nearly all, is not in it.
CREATE INDEX notifications_open ON notifications (due_at) WHERE status IN (N'gathering', N'waiting');
-- Of each channel and event one message gathers.
CREATE UNIQUE INDEX notifications_gathering ON notifications (channel, event) WHERE status = N'gathering';

-- What a message tells of.
CREATE TABLE notices (
    notification nvarchar(64) COLLATE Latin1_General_100_BIN2  NOT NULL REFERENCES notifications (id),
    -- From 1.
    number       bigint                                        NOT NULL,
    channel      nvarchar(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
    -- What makes a notice that comes twice one.
    notice_key   nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
    payload      nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
    at           bigint                                        NOT NULL,
    PRIMARY KEY (notification, number)
);

CREATE UNIQUE INDEX notices_by_key ON notices (channel, notice_key);
