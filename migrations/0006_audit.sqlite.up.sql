-- The audit log as evidence: who asked, from where and with which key, and a chain that shows what was changed, removed or put
-- between. Entries come in as they happen; what numbers them (ledger/chain) follows a moment later.

ALTER TABLE audit ADD COLUMN actor_tenant_id TEXT;
ALTER TABLE audit ADD COLUMN source TEXT NOT NULL DEFAULT 'system';
ALTER TABLE audit ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN key_id TEXT;
ALTER TABLE audit ADD COLUMN session_id TEXT;
ALTER TABLE audit ADD COLUMN result TEXT NOT NULL DEFAULT 'ok';

-- For lists, which go by time: a tenant's, the whole installation's.
CREATE INDEX audit_by_time ON audit (at, id);
DROP INDEX audit_by_tenant;
CREATE INDEX audit_by_tenant_time ON audit (tenant_id, at, id);

-- Entries that have no number yet, each with the hash that it had when it was written.
CREATE TABLE audit_pending (
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    leaf TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- Every entry's number, its hash, and the hash over it and all before it.
CREATE TABLE audit_chain (
    sequence INTEGER NOT NULL,
    entry_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    leaf TEXT NOT NULL,
    head TEXT NOT NULL,
    PRIMARY KEY (sequence)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX audit_chain_entry ON audit_chain (entry_id);

-- Where the chain ends, and where what is still kept of it begins: one row, which is also the turn to number entries.
CREATE TABLE audit_head (
    log TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    head TEXT NOT NULL,
    purged_sequence INTEGER NOT NULL,
    purged_head TEXT NOT NULL,
    PRIMARY KEY (log)
) STRICT, WITHOUT ROWID;

-- What the program does now and then, on one node at a time: whoever moves next_at on has the turn.
CREATE TABLE chores (
    name TEXT NOT NULL,
    next_at INTEGER NOT NULL,
    node TEXT NOT NULL,
    PRIMARY KEY (name)
) STRICT, WITHOUT ROWID;

-- What happens once in an installation's life: its first start.
CREATE TABLE installation (
    event TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (event)
) STRICT, WITHOUT ROWID;
