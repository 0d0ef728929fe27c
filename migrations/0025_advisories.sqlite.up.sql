-- What is known to be wrong with packages, wherever they come from: imported, for the whole installation. Its rows are longer than
-- others; at its key, as everywhere else, each would take a page and more.
CREATE TABLE advisories (
    id TEXT NOT NULL PRIMARY KEY,
    modified_at INTEGER NOT NULL,
    published_at INTEGER,
    withdrawn_at INTEGER,
    aliases TEXT NOT NULL,
    summary TEXT NOT NULL,
    details TEXT NOT NULL,
    severity TEXT NOT NULL,
    cvss_vector TEXT NOT NULL,
    cwes TEXT NOT NULL,
    url TEXT NOT NULL,
    imported_at INTEGER NOT NULL
) STRICT;

CREATE TABLE advisory_packages (
    ecosystem TEXT NOT NULL,
    name_key TEXT NOT NULL,
    advisory_id TEXT NOT NULL REFERENCES advisories (id),
    affected TEXT NOT NULL,
    PRIMARY KEY (ecosystem, name_key, advisory_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX advisory_packages_by_advisory ON advisory_packages (advisory_id);

CREATE TABLE advisory_imports (
    id TEXT NOT NULL PRIMARY KEY,
    imported_at INTEGER NOT NULL,
    imported_by TEXT NOT NULL,
    records INTEGER NOT NULL,
    added INTEGER NOT NULL,
    replaced INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    passed_over INTEGER NOT NULL,
    broken INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX advisory_imports_by_time ON advisory_imports (imported_at, id);
