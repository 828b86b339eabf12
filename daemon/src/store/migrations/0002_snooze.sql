-- Frozen once released: later versions add files, they never edit this one.

-- The snoozed view in the order of the list, and what wakes next. What is deleted does not wake.
CREATE INDEX notification_snoozed_list ON notification (last_at)
    WHERE deleted_at IS NULL AND snoozed_until IS NOT NULL;
CREATE INDEX notification_waking ON notification (snoozed_until)
    WHERE deleted_at IS NULL AND snoozed_until IS NOT NULL;
DROP INDEX notification_snoozed;

-- How often the row had occurred when the call changed it; 0 = from before this was noted.
ALTER TABLE undo_row ADD COLUMN occurrences INTEGER NOT NULL DEFAULT 0;

-- The end of a snooze alerts again for the same occurrence: `wake` counts these ends, 0 = the occurrence itself.
-- SQLite cannot widen a UNIQUE in place, so the rows move to a table that is otherwise the same.
CREATE TABLE delivery_with_wake (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    notification_id INTEGER NOT NULL REFERENCES notification (id) ON DELETE CASCADE,
    occurrence INTEGER NOT NULL,
    wake INTEGER NOT NULL DEFAULT 0,
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
    UNIQUE (notification_id, occurrence, wake, target),
    CHECK (status <> 'SCHEDULED' OR attempted_delivery IS NULL),
    CHECK (status IN ('SCHEDULED', 'OPTED OUT', 'SUPPRESSED') OR attempted_delivery IS NOT NULL),
    CHECK (status <> 'SUPPRESSED' OR reason IS NOT NULL),
    CHECK ((status = 'SENDING') = (lease_until IS NOT NULL)),
    CHECK ((status = 'SENDING') = (claim IS NOT NULL))
) STRICT;
INSERT INTO delivery_with_wake (id, notification_id, occurrence, target, grouping, status, reason,
    scheduled_delivery, attempted_delivery, lease_until, claim, retry_attempts)
SELECT id, notification_id, occurrence, target, grouping, status, reason,
    scheduled_delivery, attempted_delivery, lease_until, claim, retry_attempts
FROM delivery ORDER BY id;
DROP TABLE delivery;
ALTER TABLE delivery_with_wake RENAME TO delivery;
CREATE INDEX delivery_due ON delivery (target, scheduled_delivery)
    WHERE status IN ('SCHEDULED', 'RETRY');
CREATE INDEX delivery_claim ON delivery (claim) WHERE status = 'SENDING';
