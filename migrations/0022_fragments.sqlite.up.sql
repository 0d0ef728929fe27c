-- What versions say in the indexes of their packages, rendered once, when they are published.
CREATE TABLE fragments (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    package_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    version_id TEXT NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, package_id, kind, version_id, name),
    FOREIGN KEY (tenant_id, repository_id, package_id, version_id)
        REFERENCES versions (tenant_id, repository_id, package_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX fragments_by_version ON fragments (tenant_id, repository_id, package_id, version_id);
