-- Tenants: the walls that nothing crosses.
CREATE TABLE tenants (
    id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    updated_by text COLLATE "C" NOT NULL,
    deleted_at bigint,
    deleted_by text COLLATE "C",
    PRIMARY KEY (id)
);

-- A deleted tenant's name is free again.
CREATE UNIQUE INDEX tenants_name ON tenants (name_folded) WHERE deleted_at IS NULL;
-- For lists: the id makes the order of equal rows certain, so that a page can begin where the last one ended.
CREATE INDEX tenants_by_name ON tenants (name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX tenants_by_created ON tenants (created_at, id) WHERE deleted_at IS NULL;
-- For purging, the longest deleted first.
CREATE INDEX tenants_deleted ON tenants (deleted_at, id) WHERE deleted_at IS NOT NULL;

-- Ids that are never given again: what is purged leaves its audit log behind, which is nobody else's to read.
CREATE TABLE spent_ids (
    kind text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, id)
);
