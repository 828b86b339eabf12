-- Frozen once released: later versions add files, they never edit this one.

-- Which rows count as dealt with on the server, and so what a mark in the queue stands for.
ALTER TABLE source ADD COLUMN marking TEXT NOT NULL DEFAULT 'read'
    CHECK (marking IN ('read', 'read-or-done', 'done'));

-- The newest "dealt with" or "taken back" that a server has told of a thread. It may come before what it is about, and
-- its replay must not end what has happened since.
CREATE TABLE thread_end (
    source_id INTEGER NOT NULL REFERENCES source (id),
    epoch INTEGER NOT NULL,
    key TEXT NOT NULL,
    how TEXT NOT NULL CHECK (how IN ('cleared', 'deleted')),
    event_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (source_id, epoch, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX thread_end_at ON thread_end (at);

-- What a server sent and this version does not understand, for whoever wants to know what was left out.
CREATE TABLE unknown_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id INTEGER NOT NULL REFERENCES source (id),
    received_at INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX unknown_event_source ON unknown_event (source_id, id);
