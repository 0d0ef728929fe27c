-- What repositories hold: packages, their versions, the files, tags and properties of these, and what is left of what was
-- removed. The bytes themselves stand in the tables of 0011_blobs.

CREATE TABLE repositories (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    format TEXT NOT NULL,
    kind TEXT NOT NULL,
    visibility TEXT NOT NULL,
    description TEXT NOT NULL,
    settings TEXT NOT NULL,
    metadata TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    deleted_at INTEGER,
    deleted_by TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, app_id) REFERENCES apps (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX repositories_name ON repositories (tenant_id, name) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX repositories_number ON repositories (tenant_id, number);
CREATE INDEX repositories_by_app ON repositories (tenant_id, app_id, name);
CREATE INDEX repositories_by_created ON repositories (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX repositories_deleted ON repositories (deleted_at, tenant_id, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE packages (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    id TEXT NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT NOT NULL,
    keywords TEXT NOT NULL,
    metadata TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    deleted_at INTEGER,
    deleted_by TEXT,
    PRIMARY KEY (tenant_id, repository_id, id),
    FOREIGN KEY (tenant_id, repository_id) REFERENCES repositories (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX packages_name ON packages (tenant_id, repository_id, name_key) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX packages_number ON packages (tenant_id, number);
CREATE INDEX packages_by_updated ON packages (tenant_id, repository_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX packages_deleted ON packages (deleted_at, tenant_id, repository_id, id) WHERE deleted_at IS NOT NULL;

-- `name` is the version as people write it: 1.0.2, latest-nightly, sha256:….
CREATE TABLE versions (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    package_id TEXT NOT NULL,
    id TEXT NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    state TEXT NOT NULL,
    yank_reason TEXT NOT NULL,
    deprecation TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    file_count INTEGER NOT NULL,
    facts TEXT NOT NULL,
    metadata TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    published_by TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    deleted_at INTEGER,
    deleted_by TEXT,
    PRIMARY KEY (tenant_id, repository_id, package_id, id),
    FOREIGN KEY (tenant_id, repository_id, package_id) REFERENCES packages (tenant_id, repository_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX versions_name ON versions (tenant_id, repository_id, package_id, name_key) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX versions_number ON versions (tenant_id, number);
CREATE INDEX versions_by_published ON versions (tenant_id, repository_id, package_id, published_at, id) WHERE deleted_at IS NULL;
CREATE INDEX versions_deleted ON versions (deleted_at, tenant_id, repository_id, package_id, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE files (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    package_id TEXT NOT NULL,
    version_id TEXT NOT NULL,
    name TEXT NOT NULL,
    blob_id INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    size_bytes INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    digests TEXT NOT NULL,
    metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, package_id, version_id, name),
    FOREIGN KEY (tenant_id, repository_id, package_id, version_id)
        REFERENCES versions (tenant_id, repository_id, package_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tags (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    package_id TEXT NOT NULL,
    name TEXT NOT NULL,
    version_id TEXT NOT NULL,
    version_name TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, package_id, name),
    FOREIGN KEY (tenant_id, repository_id, package_id, version_id)
        REFERENCES versions (tenant_id, repository_id, package_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX tags_by_version ON tags (tenant_id, repository_id, package_id, version_id);

-- Which bytes a package shows, for the sake of which of its versions: all by their numbers, and without foreign keys, since
-- there are more of these rows than of any other. Only what is not deleted stands here; what keeps the bytes is blob_uses.
CREATE TABLE package_blobs (
    tenant_id TEXT NOT NULL,
    repository INTEGER NOT NULL,
    package INTEGER NOT NULL,
    blob_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, repository, package, blob_id, version)
) STRICT, WITHOUT ROWID;

CREATE INDEX package_blobs_by_blob ON package_blobs (tenant_id, repository, blob_id);
CREATE INDEX package_blobs_by_version ON package_blobs (tenant_id, version);

-- Without a version they are the package's own.
CREATE TABLE properties (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    package_id TEXT NOT NULL,
    version_id TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, package_id, version_id, name),
    FOREIGN KEY (tenant_id, repository_id, package_id) REFERENCES packages (tenant_id, repository_id, id)
) STRICT, WITHOUT ROWID;

-- What was published under a name and removed: no other bytes ever come back under it.
CREATE TABLE tombstones (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    package_key TEXT NOT NULL,
    version_key TEXT NOT NULL,
    file_name TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    removed_at INTEGER NOT NULL,
    removed_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, package_key, version_key, file_name),
    FOREIGN KEY (tenant_id, repository_id) REFERENCES repositories (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE repository_usage (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    package_count INTEGER NOT NULL,
    version_count INTEGER NOT NULL,
    file_count INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, repository_id),
    FOREIGN KEY (tenant_id, repository_id) REFERENCES repositories (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- `day` counts days since 1970, in UTC.
CREATE TABLE downloads (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    package_id TEXT NOT NULL,
    version_id TEXT NOT NULL,
    day INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, package_id, version_id, day),
    FOREIGN KEY (tenant_id, repository_id, package_id, version_id)
        REFERENCES versions (tenant_id, repository_id, package_id, id)
) STRICT, WITHOUT ROWID;
