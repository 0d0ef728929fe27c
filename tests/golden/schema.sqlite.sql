CREATE TABLE audit (
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    tenant_id TEXT,
    actor TEXT NOT NULL,
    request_id TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE committed_units (
    key TEXT NOT NULL,
    committed_at INTEGER NOT NULL,
    PRIMARY KEY (key)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    tenant_id TEXT,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE schema_history (
    number INTEGER NOT NULL,
    version INTEGER,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    direction TEXT NOT NULL,
    checksum TEXT NOT NULL,
    chain TEXT NOT NULL,
    statement_index INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    duration_ms INTEGER NOT NULL,
    applied_by TEXT NOT NULL,
    program_version TEXT NOT NULL,
    is_done INTEGER NOT NULL CHECK (is_done IN (0, 1)),
    PRIMARY KEY (number)
) STRICT, WITHOUT ROWID;

CREATE TABLE spent_ids (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tenants (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    status TEXT NOT NULL,
    metadata TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    deleted_at INTEGER,
    deleted_by TEXT,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_by_subject ON audit (tenant_id, subject, id);

CREATE INDEX audit_by_tenant ON audit (tenant_id, id);

CREATE INDEX committed_units_by_time ON committed_units (committed_at);

CREATE INDEX tenants_by_created ON tenants (created_at, id) WHERE deleted_at IS NULL;

CREATE INDEX tenants_by_name ON tenants (name_folded, id) WHERE deleted_at IS NULL;

CREATE INDEX tenants_deleted ON tenants (deleted_at, id) WHERE deleted_at IS NOT NULL;

CREATE UNIQUE INDEX tenants_name ON tenants (name_folded) WHERE deleted_at IS NULL;
