-- Frozen once released: later versions add files, they never edit this one.

-- One address at a target. Targets are in the configuration; their names are unique there.
CREATE TABLE record (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    target TEXT NOT NULL CHECK (target <> ''),
    -- Empty where a target has exactly one recipient.
    address TEXT NOT NULL,
    description TEXT NOT NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    verified INTEGER NOT NULL CHECK (verified IN (0, 1)),
    created_at INTEGER NOT NULL,
    -- When a provider reported it dead, and in which words.
    ended_at INTEGER,
    ended_why TEXT,
    UNIQUE (target, address),
    CHECK ((ended_at IS NULL) = (ended_why IS NULL)),
    CHECK (ended_at IS NULL OR active = 0)
) STRICT;

-- Targets whose provider refuses the credentials or the sender: nothing is sent until somebody mends it.
CREATE TABLE paused_target (
    name TEXT PRIMARY KEY,
    since INTEGER NOT NULL,
    why TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Deliveries go to records, too. SQLite can widen neither a UNIQUE nor a CHECK in place, so the rows move.
CREATE TABLE delivery_to_record (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    notification_id INTEGER NOT NULL REFERENCES notification (id) ON DELETE CASCADE,
    occurrence INTEGER NOT NULL,
    wake INTEGER NOT NULL DEFAULT 0,
    target TEXT NOT NULL,
    -- NULL = the target has no records, as the desktop, or none that receives.
    record_id INTEGER REFERENCES record (id) ON DELETE CASCADE,
    grouping TEXT NOT NULL CHECK (grouping IN ('single', 'summary', 'digest')),
    status TEXT NOT NULL CHECK (status IN ('SCHEDULED', 'SENDING', 'DELIVERED', 'RETRY',
        'DELIVERY FAILURE', 'INACTIVE DEVICE', 'OPTED OUT', 'SUPPRESSED')),
    reason TEXT,
    scheduled_delivery INTEGER NOT NULL,
    attempted_delivery INTEGER,
    -- While SENDING: until when the claim stands.
    lease_until INTEGER,
    -- While SENDING: what the outcome is recorded under; deliveries of one summary share it.
    claim INTEGER,
    retry_attempts INTEGER NOT NULL DEFAULT 0 CHECK (retry_attempts >= 0),
    opt_out TEXT,
    -- Attempts in all; NULL = until it is no news any more.
    max_retries INTEGER CHECK (max_retries >= 0),
    -- Seconds until the first repetition; it doubles with each.
    retry_time_interval INTEGER CHECK (retry_time_interval >= 0),
    -- The route that led here; empty = the poster named the target.
    route TEXT,
    -- Only while the notification is unread.
    while_unread INTEGER NOT NULL DEFAULT 0 CHECK (while_unread IN (0, 1)),
    -- What a provider answered last, in words.
    answer TEXT,
    -- Under which a provider can be asked what became of it, and when that is done next.
    receipt TEXT,
    confirm_at INTEGER,
    confirmed_at INTEGER,
    CHECK (status <> 'SCHEDULED' OR attempted_delivery IS NULL),
    CHECK (status IN ('SCHEDULED', 'OPTED OUT', 'SUPPRESSED') OR attempted_delivery IS NOT NULL),
    CHECK (status <> 'SUPPRESSED' OR reason IS NOT NULL),
    CHECK ((status = 'SENDING') = (lease_until IS NOT NULL)),
    CHECK ((status = 'SENDING') = (claim IS NOT NULL)),
    CHECK (max_retries IS NULL OR retry_attempts <= max_retries),
    CHECK (confirm_at IS NULL OR (status = 'DELIVERED' AND receipt IS NOT NULL)),
    CHECK (confirmed_at IS NULL OR status = 'DELIVERED')
) STRICT;
INSERT INTO delivery_to_record (id, notification_id, occurrence, wake, target, grouping, status,
    reason, scheduled_delivery, attempted_delivery, lease_until, claim, retry_attempts, opt_out)
SELECT id, notification_id, occurrence, wake, target, grouping, status,
    reason, scheduled_delivery, attempted_delivery, lease_until, claim, retry_attempts, opt_out
FROM delivery ORDER BY id;
DROP TABLE delivery;
ALTER TABLE delivery_to_record RENAME TO delivery;

-- One delivery for each occurrence and address, whatever route leads there.
CREATE UNIQUE INDEX delivery_once
    ON delivery (notification_id, occurrence, wake, target, coalesce(record_id, 0));
-- What waits for the desktop, and for records: a claim there takes messages of their own, summaries and digests apart.
CREATE INDEX delivery_due ON delivery (target, scheduled_delivery)
    WHERE status IN ('SCHEDULED', 'RETRY') AND record_id IS NULL;
CREATE INDEX delivery_outbound ON delivery (target, grouping, scheduled_delivery)
    WHERE status IN ('SCHEDULED', 'RETRY') AND record_id IS NOT NULL;
CREATE INDEX delivery_claim ON delivery (claim) WHERE status = 'SENDING';
CREATE INDEX delivery_quiet ON delivery (scheduled_delivery)
    WHERE status = 'SUPPRESSED'
        AND reason IN ('quiet-manual', 'quiet-timer', 'quiet-schedule', 'quiet-inhibitor');
CREATE INDEX delivery_lease ON delivery (target, lease_until) WHERE status = 'SENDING';
CREATE INDEX delivery_confirm ON delivery (target, confirm_at) WHERE confirm_at IS NOT NULL;
CREATE INDEX delivery_record ON delivery (record_id, status, scheduled_delivery)
    WHERE record_id IS NOT NULL;
-- For the list of deliveries, newest first.
CREATE INDEX delivery_target ON delivery (target, id);
CREATE INDEX delivery_status ON delivery (status, id);
CREATE INDEX delivery_delivered ON delivery (target, id) WHERE status = 'DELIVERED';

-- Nothing waits or is sent where an opt-out stands at its time, whichever way it is written.
CREATE VIEW opted_out_delivery AS
SELECT d.id AS id,
    (SELECT json_object('scope', json_object('source', nullif(o.source, ''),
             'topic', nullif(o.topic, ''), 'key', nullif(o.key, '')),
         'target', o.target, 'until', o.until, 'since', o.since)
     FROM opt_out o JOIN source s ON s.id = n.source_id
     WHERE (o.until IS NULL OR o.until > d.scheduled_delivery) AND o.target IN ('', d.target)
         AND o.source IN ('', s.name) AND o.topic IN ('', n.topic) AND o.key IN ('', n.key)
     ORDER BY (o.source <> '') + 2 * (o.topic <> '') + 3 * (o.key <> ''), o.since LIMIT 1) AS opt_out
FROM delivery d JOIN notification n ON n.id = d.notification_id;

CREATE TRIGGER delivery_insert_opted_out AFTER INSERT ON delivery
WHEN new.status IN ('SCHEDULED', 'RETRY')
    AND (SELECT opt_out FROM opted_out_delivery WHERE id = new.id) IS NOT NULL
BEGIN
    UPDATE delivery SET status = 'OPTED OUT', reason = 'opted-out',
        opt_out = (SELECT opt_out FROM opted_out_delivery WHERE id = new.id)
    WHERE id = new.id;
END;
CREATE TRIGGER delivery_update_opted_out AFTER UPDATE OF status, scheduled_delivery ON delivery
WHEN new.status IN ('SCHEDULED', 'RETRY')
    AND (SELECT opt_out FROM opted_out_delivery WHERE id = new.id) IS NOT NULL
BEGIN
    UPDATE delivery SET status = 'OPTED OUT', reason = 'opted-out',
        opt_out = (SELECT opt_out FROM opted_out_delivery WHERE id = new.id)
    WHERE id = new.id;
END;
-- What waits is under no other opt-out, so it is this one that ends it.
CREATE TRIGGER opt_out_insert AFTER INSERT ON opt_out BEGIN
    UPDATE delivery SET status = 'OPTED OUT', reason = 'opted-out',
        opt_out = json_object('scope', json_object('source', nullif(new.source, ''),
                'topic', nullif(new.topic, ''), 'key', nullif(new.key, '')),
            'target', new.target, 'until', new.until, 'since', new.since)
    WHERE status IN ('SCHEDULED', 'RETRY') AND new.target IN ('', target)
        AND (new.until IS NULL OR new.until > scheduled_delivery)
        AND EXISTS (SELECT 1 FROM notification n JOIN source s ON s.id = n.source_id
            WHERE n.id = notification_id AND new.source IN ('', s.name)
                AND new.topic IN ('', n.topic) AND new.key IN ('', n.key));
END;
CREATE TRIGGER opt_out_update AFTER UPDATE ON opt_out BEGIN
    UPDATE delivery SET status = 'OPTED OUT', reason = 'opted-out',
        opt_out = json_object('scope', json_object('source', nullif(new.source, ''),
                'topic', nullif(new.topic, ''), 'key', nullif(new.key, '')),
            'target', new.target, 'until', new.until, 'since', new.since)
    WHERE status IN ('SCHEDULED', 'RETRY') AND new.target IN ('', target)
        AND (new.until IS NULL OR new.until > scheduled_delivery)
        AND EXISTS (SELECT 1 FROM notification n JOIN source s ON s.id = n.source_id
            WHERE n.id = notification_id AND new.source IN ('', s.name)
                AND new.topic IN ('', n.topic) AND new.key IN ('', n.key));
END;
