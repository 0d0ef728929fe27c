-- What versions say in the indexes of their packages, rendered once, when they are published.
CREATE TABLE fragments (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    package_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    version_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    body text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, package_id, kind, version_id, name),
    FOREIGN KEY (tenant_id, repository_id, package_id, version_id)
        REFERENCES versions (tenant_id, repository_id, package_id, id)
);

CREATE INDEX fragments_by_version ON fragments (tenant_id, repository_id, package_id, version_id);
