-- The audit log without its chain, and without who, from where and with which key.
-- lodestone: lint-ignore non-concurrent-index because no release has filled the table yet

DROP TABLE installation;
DROP TABLE chores;
DROP TABLE audit_head;
DROP TABLE audit_chain;
DROP TABLE audit_pending;
DROP INDEX audit_by_tenant_time;
CREATE INDEX audit_by_tenant ON audit (tenant_id, id);
DROP INDEX audit_by_time;
ALTER TABLE audit DROP COLUMN result;
ALTER TABLE audit DROP COLUMN session_id;
ALTER TABLE audit DROP COLUMN key_id;
ALTER TABLE audit DROP COLUMN agent;
ALTER TABLE audit DROP COLUMN address;
ALTER TABLE audit DROP COLUMN source;
ALTER TABLE audit DROP COLUMN actor_tenant_id;
