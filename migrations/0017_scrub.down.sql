-- Takes 0017_scrub back. A row that was given a new copy loses the way to it, and is quarantined: its bytes have to be sent again,
-- and are stored then, since nobody believes that there is a copy.
UPDATE blobs SET state = 'quarantined', withdrawn_at = state_at, fault = 'the way to its copy is lost'
WHERE copy_id IS NOT NULL AND withdrawn_at IS NULL;
DROP INDEX blobs_by_state;
DROP INDEX blobs_quarantined;
DROP INDEX blobs_by_check;
DROP INDEX blobs_by_copy;
ALTER TABLE blobs DROP COLUMN copy_id;
