-- Scrubbing: stored bytes are hashed again now and then, those first that nobody has looked at for longest. A blob whose bytes
-- are no longer what they were is quarantined, and whoever sends the same bytes again gives its row a new copy.
-- lodestone: lint-ignore non-concurrent-index because publishing waits no longer than reading all rows about blobs takes, a few seconds for a million

-- The number that the copy has in the store, where it is not the row's own.
ALTER TABLE blobs ADD COLUMN copy_id bigint;

CREATE INDEX blobs_by_copy ON blobs (copy_id) WHERE copy_id IS NOT NULL;
CREATE INDEX blobs_by_check ON blobs (coalesce(checked_at, created_at), id) WHERE withdrawn_at IS NULL;
CREATE UNIQUE INDEX blobs_quarantined ON blobs (sha256) WHERE state = 'quarantined';
CREATE INDEX blobs_by_state ON blobs (state, size_bytes) WHERE state <> 'live';
