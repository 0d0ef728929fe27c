-- Publications that wait for somebody's approval: checked, and kept with all that publishing them needs. The number is the owner
-- of their bytes, as a version's is; what is shown in lists stands before the content, which is long.
CREATE TABLE staged_publications (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    package_name text COLLATE "C" NOT NULL,
    package_key text COLLATE "C" NOT NULL,
    version_name text COLLATE "C" NOT NULL,
    version_key text COLLATE "C" NOT NULL,
    tags text COLLATE "C" NOT NULL,
    facts text COLLATE "C" NOT NULL,
    size_bytes bigint NOT NULL,
    file_count bigint NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    expires_at bigint NOT NULL,
    content text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, id),
    FOREIGN KEY (tenant_id, repository_id) REFERENCES repositories (tenant_id, id)
);

CREATE UNIQUE INDEX staged_publications_version ON staged_publications (tenant_id, repository_id, package_key, version_key);
CREATE UNIQUE INDEX staged_publications_number ON staged_publications (tenant_id, number);
CREATE INDEX staged_publications_by_expiry ON staged_publications (expires_at);
