-- Takes 0017_scrub back. A row that was given a new copy loses the way to it: its bytes have to be sent again.
DROP INDEX blobs_by_state;
DROP INDEX blobs_quarantined;
DROP INDEX blobs_by_check;
DROP INDEX blobs_by_copy;
ALTER TABLE blobs DROP COLUMN copy_id;
