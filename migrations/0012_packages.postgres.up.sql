-- What repositories hold: packages, their versions, the files, tags and properties of these, and what is left of what was
-- removed. The bytes themselves stand in the tables of 0011_blobs.

CREATE TABLE repositories (
    tenant_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    app_id text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    format text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    visibility text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    settings text COLLATE "C" NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    updated_by text COLLATE "C" NOT NULL,
    deleted_at bigint,
    deleted_by text COLLATE "C",
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, app_id) REFERENCES apps (tenant_id, id)
);

CREATE UNIQUE INDEX repositories_name ON repositories (tenant_id, name) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX repositories_number ON repositories (tenant_id, number);
CREATE INDEX repositories_by_app ON repositories (tenant_id, app_id, name);
CREATE INDEX repositories_by_created ON repositories (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX repositories_deleted ON repositories (deleted_at, tenant_id, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE packages (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    keywords text COLLATE "C" NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    updated_by text COLLATE "C" NOT NULL,
    deleted_at bigint,
    deleted_by text COLLATE "C",
    PRIMARY KEY (tenant_id, repository_id, id),
    FOREIGN KEY (tenant_id, repository_id) REFERENCES repositories (tenant_id, id)
);

CREATE UNIQUE INDEX packages_name ON packages (tenant_id, repository_id, name_key) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX packages_number ON packages (tenant_id, number);
CREATE INDEX packages_by_updated ON packages (tenant_id, repository_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX packages_deleted ON packages (deleted_at, tenant_id, repository_id, id) WHERE deleted_at IS NOT NULL;

-- `name` is the version as people write it: 1.0.2, latest-nightly, sha256:….
CREATE TABLE versions (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    package_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    yank_reason text COLLATE "C" NOT NULL,
    deprecation text COLLATE "C" NOT NULL,
    size_bytes bigint NOT NULL,
    file_count bigint NOT NULL,
    facts text COLLATE "C" NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    published_at bigint NOT NULL,
    published_by text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    updated_by text COLLATE "C" NOT NULL,
    deleted_at bigint,
    deleted_by text COLLATE "C",
    PRIMARY KEY (tenant_id, repository_id, package_id, id),
    FOREIGN KEY (tenant_id, repository_id, package_id) REFERENCES packages (tenant_id, repository_id, id)
);

CREATE UNIQUE INDEX versions_name ON versions (tenant_id, repository_id, package_id, name_key) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX versions_number ON versions (tenant_id, number);
CREATE INDEX versions_by_published ON versions (tenant_id, repository_id, package_id, published_at, id) WHERE deleted_at IS NULL;
CREATE INDEX versions_deleted ON versions (deleted_at, tenant_id, repository_id, package_id, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE files (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    package_id text COLLATE "C" NOT NULL,
    version_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    blob_id bigint NOT NULL,
    sha256 bytea NOT NULL,
    size_bytes bigint NOT NULL,
    content_type text COLLATE "C" NOT NULL,
    digests text COLLATE "C" NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, package_id, version_id, name),
    FOREIGN KEY (tenant_id, repository_id, package_id, version_id)
        REFERENCES versions (tenant_id, repository_id, package_id, id)
);

CREATE TABLE tags (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    package_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    version_id text COLLATE "C" NOT NULL,
    version_name text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    updated_by text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, package_id, name),
    FOREIGN KEY (tenant_id, repository_id, package_id, version_id)
        REFERENCES versions (tenant_id, repository_id, package_id, id)
);

CREATE INDEX tags_by_version ON tags (tenant_id, repository_id, package_id, version_id);

-- Which bytes a package shows, for the sake of which of its versions: all by their numbers, and without foreign keys, since
-- there are more of these rows than of any other. Only what is not deleted stands here; what keeps the bytes is blob_uses.
CREATE TABLE package_blobs (
    tenant_id text COLLATE "C" NOT NULL,
    repository bigint NOT NULL,
    package bigint NOT NULL,
    blob_id bigint NOT NULL,
    version bigint NOT NULL,
    size_bytes bigint NOT NULL,
    PRIMARY KEY (tenant_id, repository, package, blob_id, version)
);

CREATE INDEX package_blobs_by_blob ON package_blobs (tenant_id, repository, blob_id);
CREATE INDEX package_blobs_by_version ON package_blobs (tenant_id, version);

-- Without a version they are the package's own.
CREATE TABLE properties (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    package_id text COLLATE "C" NOT NULL,
    version_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, package_id, version_id, name),
    FOREIGN KEY (tenant_id, repository_id, package_id) REFERENCES packages (tenant_id, repository_id, id)
);

-- What was published under a name and removed: no other bytes ever come back under it.
CREATE TABLE tombstones (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    package_key text COLLATE "C" NOT NULL,
    version_key text COLLATE "C" NOT NULL,
    file_name text COLLATE "C" NOT NULL,
    sha256 bytea NOT NULL,
    removed_at bigint NOT NULL,
    removed_by text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, package_key, version_key, file_name),
    FOREIGN KEY (tenant_id, repository_id) REFERENCES repositories (tenant_id, id)
);

CREATE TABLE repository_usage (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    bytes bigint NOT NULL,
    package_count bigint NOT NULL,
    version_count bigint NOT NULL,
    file_count bigint NOT NULL,
    PRIMARY KEY (tenant_id, repository_id),
    FOREIGN KEY (tenant_id, repository_id) REFERENCES repositories (tenant_id, id)
);

-- `day` counts days since 1970, in UTC.
CREATE TABLE downloads (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    package_id text COLLATE "C" NOT NULL,
    version_id text COLLATE "C" NOT NULL,
    day bigint NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, package_id, version_id, day),
    FOREIGN KEY (tenant_id, repository_id, package_id, version_id)
        REFERENCES versions (tenant_id, repository_id, package_id, id)
);
