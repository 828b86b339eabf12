-- Frozen once released: later versions add files, they never edit this one.

-- One row: what the inbox knows about itself.
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    closed_cleanly INTEGER NOT NULL CHECK (closed_cleanly IN (0, 1))
) STRICT;
INSERT INTO inbox (id, revision, closed_cleanly) VALUES (1, 0, 1);

CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    syncs_read_state INTEGER NOT NULL CHECK (syncs_read_state IN (0, 1)),
    -- Grows when the server's database was reset; remote ids are unique within one epoch.
    epoch INTEGER NOT NULL DEFAULT 0,
    marker TEXT,
    first_connected_at INTEGER
) STRICT;

-- Long texts come last, so that reading the short columns of a row never walks their overflow pages.
CREATE TABLE notification (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id INTEGER NOT NULL REFERENCES source (id),
    epoch INTEGER NOT NULL,
    remote_id TEXT,
    confirmation TEXT NOT NULL CHECK (confirmation IN ('confirmed', 'provisional', 'unconfirmed')),
    arrival TEXT NOT NULL CHECK (arrival IN ('live', 'catch-up', 'backfill')),
    -- The read state that the server is known to have.
    remote_read INTEGER NOT NULL CHECK (remote_read IN (0, 1)),
    seen_at INTEGER,
    read_at INTEGER,
    done_at INTEGER,
    saved_at INTEGER,
    snoozed_until INTEGER,
    acted_at INTEGER,
    retracted_at INTEGER,
    deleted_at INTEGER,
    -- When the content of a tombstone was erased.
    wiped_at INTEGER,
    expires_at INTEGER,
    occurrences INTEGER NOT NULL CHECK (occurrences >= 1),
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    sent_at INTEGER,
    sent_at_approximate INTEGER NOT NULL CHECK (sent_at_approximate IN (0, 1)),
    sent_at_raw TEXT NOT NULL,
    urgency INTEGER NOT NULL CHECK (urgency BETWEEN 0 AND 3),
    progress INTEGER CHECK (progress BETWEEN 0 AND 100),
    transient INTEGER NOT NULL CHECK (transient IN (0, 1)),
    key TEXT NOT NULL,
    topic TEXT NOT NULL,
    app TEXT NOT NULL,
    title TEXT NOT NULL,
    icon TEXT NOT NULL,
    actor TEXT NOT NULL,
    verb TEXT NOT NULL,
    action_object TEXT NOT NULL,
    activity_target TEXT NOT NULL,
    posted_by TEXT NOT NULL,
    poster TEXT NOT NULL,
    url TEXT NOT NULL,
    -- JSON arrays; empty = none.
    tags TEXT NOT NULL,
    actions TEXT NOT NULL,
    body TEXT NOT NULL,
    data TEXT NOT NULL,
    UNIQUE (source_id, epoch, remote_id)
) STRICT;

-- One index for each view, in the order of the list: an index ends in the row's id by itself.
-- Queries repeat the predicates word for word.
CREATE INDEX notification_all ON notification (last_at)
    WHERE deleted_at IS NULL;
CREATE INDEX notification_inbox ON notification (last_at)
    WHERE deleted_at IS NULL AND done_at IS NULL AND snoozed_until IS NULL;
CREATE INDEX notification_unread ON notification (last_at)
    WHERE deleted_at IS NULL AND done_at IS NULL AND snoozed_until IS NULL AND read_at IS NULL;
CREATE INDEX notification_unseen ON notification (last_at)
    WHERE deleted_at IS NULL AND done_at IS NULL AND snoozed_until IS NULL AND seen_at IS NULL;
CREATE INDEX notification_saved ON notification (last_at)
    WHERE deleted_at IS NULL AND saved_at IS NOT NULL;
CREATE INDEX notification_done ON notification (last_at)
    WHERE deleted_at IS NULL AND done_at IS NOT NULL;

CREATE INDEX notification_source_all ON notification (source_id, last_at)
    WHERE deleted_at IS NULL;
CREATE INDEX notification_source_inbox ON notification (source_id, last_at)
    WHERE deleted_at IS NULL AND done_at IS NULL AND snoozed_until IS NULL;
CREATE INDEX notification_source_unread ON notification (source_id, last_at)
    WHERE deleted_at IS NULL AND done_at IS NULL AND snoozed_until IS NULL AND read_at IS NULL;

CREATE INDEX notification_topic ON notification (topic, last_at)
    WHERE deleted_at IS NULL AND topic <> '';
CREATE INDEX notification_key ON notification (key, last_at)
    WHERE deleted_at IS NULL AND key <> '';
CREATE INDEX notification_urgent ON notification (last_at)
    WHERE deleted_at IS NULL AND urgency >= 2;

-- For the sources and for upkeep.
CREATE INDEX notification_remote_unread ON notification (source_id, epoch, id)
    WHERE deleted_at IS NULL AND read_at IS NULL AND remote_id IS NOT NULL;
CREATE INDEX notification_provisional ON notification (source_id, id)
    WHERE confirmation = 'provisional';
CREATE INDEX notification_without_remote_id ON notification (source_id, received_at)
    WHERE remote_id IS NULL;
CREATE INDEX notification_tombstone ON notification (deleted_at)
    WHERE deleted_at IS NOT NULL AND wiped_at IS NULL;
CREATE INDEX notification_snoozed ON notification (snoozed_until)
    WHERE snoozed_until IS NOT NULL;

CREATE VIRTUAL TABLE notification_search USING fts5 (
    title, body, topic, actor,
    content = 'notification', content_rowid = 'id',
    tokenize = "unicode61 remove_diacritics 2", prefix = '2 3', columnsize = 0
);
CREATE TRIGGER notification_search_insert AFTER INSERT ON notification BEGIN
    INSERT INTO notification_search (rowid, title, body, topic, actor)
    VALUES (new.id, new.title, new.body, new.topic, new.actor);
END;
CREATE TRIGGER notification_search_delete AFTER DELETE ON notification BEGIN
    INSERT INTO notification_search (notification_search, rowid, title, body, topic, actor)
    VALUES ('delete', old.id, old.title, old.body, old.topic, old.actor);
END;
CREATE TRIGGER notification_search_update
AFTER UPDATE OF title, body, topic, actor ON notification BEGIN
    INSERT INTO notification_search (notification_search, rowid, title, body, topic, actor)
    VALUES ('delete', old.id, old.title, old.body, old.topic, old.actor);
    INSERT INTO notification_search (rowid, title, body, topic, actor)
    VALUES (new.id, new.title, new.body, new.topic, new.actor);
END;

-- Remote ids of earlier versions of a row that its key has updated since: their replay changes nothing.
CREATE TABLE superseded (
    source_id INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    remote_id TEXT NOT NULL,
    notification_id INTEGER NOT NULL REFERENCES notification (id) ON DELETE CASCADE,
    PRIMARY KEY (source_id, epoch, remote_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX superseded_notification ON superseded (notification_id);

-- Retractions that came before their notification.
CREATE TABLE retraction (
    source_id INTEGER NOT NULL REFERENCES source (id),
    epoch INTEGER NOT NULL,
    remote_id TEXT NOT NULL,
    retracted_at INTEGER NOT NULL,
    PRIMARY KEY (source_id, epoch, remote_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    notification_id INTEGER NOT NULL REFERENCES notification (id) ON DELETE CASCADE,
    occurrence INTEGER NOT NULL,
    target TEXT NOT NULL,
    grouping TEXT NOT NULL CHECK (grouping IN ('single', 'summary')),
    status TEXT NOT NULL CHECK (status IN ('SCHEDULED', 'SENDING', 'DELIVERED', 'RETRY',
        'DELIVERY FAILURE', 'INACTIVE DEVICE', 'OPTED OUT', 'SUPPRESSED')),
    reason TEXT,
    scheduled_delivery INTEGER NOT NULL,
    attempted_delivery INTEGER,
    -- While SENDING: until when the claim stands.
    lease_until INTEGER,
    -- While SENDING: what the outcome is recorded under; deliveries of one summary share it.
    claim INTEGER,
    retry_attempts INTEGER NOT NULL DEFAULT 0,
    UNIQUE (notification_id, occurrence, target),
    CHECK (status <> 'SCHEDULED' OR attempted_delivery IS NULL),
    CHECK (status IN ('SCHEDULED', 'OPTED OUT', 'SUPPRESSED') OR attempted_delivery IS NOT NULL),
    CHECK (status <> 'SUPPRESSED' OR reason IS NOT NULL),
    CHECK ((status = 'SENDING') = (lease_until IS NOT NULL)),
    CHECK ((status = 'SENDING') = (claim IS NOT NULL))
) STRICT;
CREATE INDEX delivery_due ON delivery (target, scheduled_delivery)
    WHERE status IN ('SCHEDULED', 'RETRY');
CREATE INDEX delivery_claim ON delivery (claim) WHERE status = 'SENDING';

-- Marks made here that the server has not confirmed.
CREATE TABLE remote_mark (
    notification_id INTEGER PRIMARY KEY REFERENCES notification (id) ON DELETE CASCADE,
    source_id INTEGER NOT NULL REFERENCES source (id),
    read INTEGER NOT NULL CHECK (read IN (0, 1)),
    queued_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX remote_mark_queue ON remote_mark (source_id, queued_at, notification_id);

-- What the latest triage calls changed, so that they can be taken back.
CREATE TABLE undo (
    token INTEGER PRIMARY KEY AUTOINCREMENT,
    made_at INTEGER NOT NULL
) STRICT;
CREATE TABLE undo_row (
    token INTEGER NOT NULL,
    notification_id INTEGER NOT NULL,
    -- One bit for each facet that the call changed; the columns hold the values before it.
    changed INTEGER NOT NULL,
    seen_at INTEGER,
    read_at INTEGER,
    done_at INTEGER,
    saved_at INTEGER,
    snoozed_until INTEGER,
    deleted_at INTEGER,
    PRIMARY KEY (token, notification_id)
) STRICT, WITHOUT ROWID;
