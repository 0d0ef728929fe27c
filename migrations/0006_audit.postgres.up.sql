-- The audit log as evidence: who asked, from where and with which key, and a chain that shows what was changed, removed or put
-- between. Entries come in as they happen; what numbers them (ledger/chain) follows a moment later.
-- lodestone: lint-ignore non-concurrent-index because no release has filled the table yet
-- lodestone: lint-ignore non-concurrent-drop-index because no release has filled the table yet

ALTER TABLE audit ADD COLUMN actor_tenant_id text COLLATE "C";
ALTER TABLE audit ADD COLUMN source text COLLATE "C" NOT NULL DEFAULT 'system';
ALTER TABLE audit ADD COLUMN address text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN agent text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN key_id text COLLATE "C";
ALTER TABLE audit ADD COLUMN session_id text COLLATE "C";
ALTER TABLE audit ADD COLUMN result text COLLATE "C" NOT NULL DEFAULT 'ok';

-- For lists, which go by time: a tenant's, the whole installation's.
CREATE INDEX audit_by_time ON audit (at, id);
DROP INDEX audit_by_tenant;
CREATE INDEX audit_by_tenant_time ON audit (tenant_id, at, id);

-- Entries that have no number yet, each with the hash that it had when it was written.
CREATE TABLE audit_pending (
    id text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    leaf text COLLATE "C" NOT NULL,
    PRIMARY KEY (id)
);

-- Every entry's number, its hash, and the hash over it and all before it.
CREATE TABLE audit_chain (
    sequence bigint NOT NULL,
    entry_id text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    leaf text COLLATE "C" NOT NULL,
    head text COLLATE "C" NOT NULL,
    PRIMARY KEY (sequence)
);

CREATE UNIQUE INDEX audit_chain_entry ON audit_chain (entry_id);

-- Where the chain ends, and where what is still kept of it begins: one row, which is also the turn to number entries.
CREATE TABLE audit_head (
    log text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL,
    head text COLLATE "C" NOT NULL,
    purged_sequence bigint NOT NULL,
    purged_head text COLLATE "C" NOT NULL,
    PRIMARY KEY (log)
);

-- What the program does now and then, on one node at a time: whoever moves next_at on has the turn.
CREATE TABLE chores (
    name text COLLATE "C" NOT NULL,
    next_at bigint NOT NULL,
    node text COLLATE "C" NOT NULL,
    PRIMARY KEY (name)
);

-- What happens once in an installation's life: its first start.
CREATE TABLE installation (
    event text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (event)
);
