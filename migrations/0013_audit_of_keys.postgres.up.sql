-- What a key did is found by the key: after a leak, nobody waits for a walk over everything. And whose whoever gave a
-- tenant away was: ids of users mean something in their tenant alone.
-- lodestone: lint-ignore non-concurrent-index because the log is small until something is published
CREATE INDEX audit_by_key ON audit (tenant_id, key_id, at, id) WHERE key_id IS NOT NULL;

ALTER TABLE tenant_ownership_history ADD COLUMN transferred_by_tenant text COLLATE "C";
