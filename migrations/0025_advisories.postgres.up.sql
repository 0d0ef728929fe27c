-- What is known to be wrong with packages, wherever they come from: imported, for the whole installation.
CREATE TABLE advisories (
    id text COLLATE "C" PRIMARY KEY,
    modified_at bigint NOT NULL,
    published_at bigint,
    withdrawn_at bigint,
    aliases text COLLATE "C" NOT NULL,
    summary text COLLATE "C" NOT NULL,
    details text COLLATE "C" NOT NULL,
    severity text COLLATE "C" NOT NULL,
    cvss_vector text COLLATE "C" NOT NULL,
    cwes text COLLATE "C" NOT NULL,
    url text COLLATE "C" NOT NULL,
    imported_at bigint NOT NULL
);

CREATE TABLE advisory_packages (
    ecosystem text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    advisory_id text COLLATE "C" NOT NULL REFERENCES advisories (id),
    affected text COLLATE "C" NOT NULL,
    PRIMARY KEY (ecosystem, name_key, advisory_id)
);

CREATE INDEX advisory_packages_by_advisory ON advisory_packages (advisory_id);

CREATE TABLE advisory_imports (
    id text COLLATE "C" PRIMARY KEY,
    imported_at bigint NOT NULL,
    imported_by text COLLATE "C" NOT NULL,
    records bigint NOT NULL,
    added bigint NOT NULL,
    replaced bigint NOT NULL,
    withdrawn bigint NOT NULL,
    unchanged bigint NOT NULL,
    passed_over bigint NOT NULL,
    broken bigint NOT NULL
);

CREATE INDEX advisory_imports_by_time ON advisory_imports (imported_at, id);
