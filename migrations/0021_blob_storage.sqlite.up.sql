-- What the folder or bucket is called that this database's bytes are in, so that no other one is taken for it: one row, once
-- somebody has used it.
CREATE TABLE blob_storage (
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    named_at INTEGER NOT NULL,
    PRIMARY KEY (number)
) STRICT, WITHOUT ROWID;

-- The content that an upload will have, or none, once a request was about to finish it.
ALTER TABLE uploads ADD COLUMN ending_sha256 BLOB;
