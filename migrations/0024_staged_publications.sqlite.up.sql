-- Publications that wait for somebody's approval: checked, and kept with all that publishing them needs. The number is the owner
-- of their bytes, as a version's is; what is shown in lists stands before the content, which is long.
CREATE TABLE staged_publications (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    id TEXT NOT NULL,
    number INTEGER NOT NULL,
    package_name TEXT NOT NULL,
    package_key TEXT NOT NULL,
    version_name TEXT NOT NULL,
    version_key TEXT NOT NULL,
    tags TEXT NOT NULL,
    facts TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    file_count INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, id),
    FOREIGN KEY (tenant_id, repository_id) REFERENCES repositories (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX staged_publications_version ON staged_publications (tenant_id, repository_id, package_key, version_key);
CREATE UNIQUE INDEX staged_publications_number ON staged_publications (tenant_id, number);
CREATE INDEX staged_publications_by_expiry ON staged_publications (expires_at);
