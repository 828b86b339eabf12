-- Frozen once released: later versions add files, they never edit this one.

-- Host and port of the server that this source came from last; '' = not known. A mark is for the server that the row came from.
ALTER TABLE source ADD COLUMN server TEXT NOT NULL DEFAULT '';
