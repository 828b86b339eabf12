-- Frozen once released: later versions add files, they never edit this one.

-- The user's standing "not there". An empty text means that it is not limited in this way.
CREATE TABLE opt_out (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    topic TEXT NOT NULL,
    key TEXT NOT NULL,
    target TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    UNIQUE (source, topic, key, target),
    CHECK (source <> '' OR (topic = '' AND key = '')),
    CHECK (topic = '' OR key = '')
) STRICT;

-- The opt-out that stopped a delivery, as JSON: it may have ended by the time that somebody asks.
ALTER TABLE delivery ADD COLUMN opt_out TEXT;

-- One row: what the user has said about being quiet, and since when it has been.
CREATE TABLE quiet (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    manual INTEGER NOT NULL CHECK (manual IN (0, 1)),
    timer_until INTEGER,
    skipped_until INTEGER,
    since INTEGER
) STRICT;
INSERT INTO quiet (id, manual) VALUES (1, 0);

-- What quiet kept off the screen, for the summary at its end.
CREATE INDEX delivery_quiet ON delivery (scheduled_delivery)
    WHERE status = 'SUPPRESSED'
        AND reason IN ('quiet-manual', 'quiet-timer', 'quiet-schedule', 'quiet-inhibitor');
