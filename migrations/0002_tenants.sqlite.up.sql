-- Tenants: the walls that nothing crosses.
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

-- A deleted tenant's name is free again.
CREATE UNIQUE INDEX tenants_name ON tenants (name_folded) WHERE deleted_at IS NULL;
-- For lists: the id makes the order of equal rows certain, so that a page can begin where the last one ended.
CREATE INDEX tenants_by_name ON tenants (name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX tenants_by_created ON tenants (created_at, id) WHERE deleted_at IS NULL;
-- For purging, the longest deleted first.
CREATE INDEX tenants_deleted ON tenants (deleted_at, id) WHERE deleted_at IS NOT NULL;

-- Ids that are never given again: what is purged leaves its audit log behind, which is nobody else's to read.
CREATE TABLE spent_ids (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
