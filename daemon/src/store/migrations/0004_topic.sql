-- Frozen once released: later versions add files, they never edit this one.

-- The topics that each source has used, so that listing them never walks the notifications.
CREATE TABLE topic (
    source_id INTEGER NOT NULL REFERENCES source (id),
    name TEXT NOT NULL CHECK (name <> ''),
    last_at INTEGER NOT NULL,
    PRIMARY KEY (source_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX topic_last_at ON topic (last_at);
INSERT INTO topic (source_id, name, last_at)
SELECT source_id, topic, max(last_at) FROM notification
WHERE deleted_at IS NULL AND topic <> ''
GROUP BY source_id, topic;

-- Counts the unread of each topic from the index alone.
CREATE INDEX notification_topic_unread ON notification (source_id, topic)
    WHERE deleted_at IS NULL AND done_at IS NULL AND snoozed_until IS NULL AND read_at IS NULL
        AND topic <> '';
