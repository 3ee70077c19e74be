-- What people are told: what was raised, which pipelines fail, and the messages that go out. The cause of each message is a row of outbox, written with what it tells of.

-- Pipelines whose newest run that succeeded or failed has failed. The first success takes the row away, and is a recovery.
CREATE TABLE failing_pipelines (
    pipeline text COLLATE "C" NOT NULL PRIMARY KEY,
    -- The run that failed first.
    run_id   text COLLATE "C" NOT NULL,
    failures bigint           NOT NULL,
    since    bigint           NOT NULL
);

-- What monitors, pipelines and people raise. While one is open, raising the same again counts and makes no second one.
CREATE TABLE alerts (
    id              text COLLATE "C" NOT NULL PRIMARY KEY,
    project         text COLLATE "C" NOT NULL,
    name            text COLLATE "C" NOT NULL,
    -- What it is about: a model, a feature, an endpoint.
    subject         text COLLATE "C" NOT NULL,
    -- info, warning, critical: the highest that it was raised with.
    severity        text COLLATE "C" NOT NULL,
    -- The newest.
    reason          text COLLATE "C" NOT NULL,
    details         text COLLATE "C",
    run_id          text COLLATE "C",
    raised_by       text COLLATE "C" NOT NULL,
    raised_at       bigint           NOT NULL,
    last_at         bigint           NOT NULL,
    times           bigint           NOT NULL,
    acknowledged_at bigint,
    acknowledged_by text COLLATE "C",
    closed_at       bigint,
    closed_by       text COLLATE "C",
    comment         text COLLATE "C"
);

CREATE UNIQUE INDEX alerts_open ON alerts (project, name, subject) WHERE closed_at IS NULL;

-- A message to a channel.
CREATE TABLE notifications (
    id          text COLLATE "C" NOT NULL PRIMARY KEY,
    channel     text COLLATE "C" NOT NULL,
    event       text COLLATE "C" NOT NULL,
    urgent      bigint           NOT NULL,
    -- gathering (takes more notices until it is due), waiting, sent, failed (given up).
    status      text COLLATE "C" NOT NULL,
    -- How many notices it has.
    notices     bigint           NOT NULL,
    created_at  bigint           NOT NULL,
    -- When it is to be sent, or tried again.
    due_at      bigint           NOT NULL,
    attempts    bigint           NOT NULL,
    -- Who sends it now; nobody else does until then.
    lease_owner text COLLATE "C",
    lease_until bigint,
    -- Why the last attempt failed.
    error       text COLLATE "C",
    ended_at    bigint          
);

-- Senders look here; what is done, which is nearly all, is not in it.
CREATE INDEX notifications_open ON notifications (due_at) WHERE status IN ('gathering', 'waiting');
-- Of each channel and event one message gathers.
CREATE UNIQUE INDEX notifications_gathering ON notifications (channel, event) WHERE status = 'gathering';

-- What a message tells of.
CREATE TABLE notices (
    notification text COLLATE "C" NOT NULL REFERENCES notifications (id),
    -- From 1.
    number       bigint           NOT NULL,
    channel      text COLLATE "C" NOT NULL,
    -- What makes a notice that comes twice one.
    notice_key   text COLLATE "C" NOT NULL,
    payload      text COLLATE "C" NOT NULL,
    at           bigint           NOT NULL,
    PRIMARY KEY (notification, number)
);

CREATE UNIQUE INDEX notices_by_key ON notices (channel, notice_key);
