-- With which secrets this database is used: a keyed hash for each, by which a node with another one is told.
CREATE TABLE installation_secrets (
    name TEXT NOT NULL,
    mark TEXT NOT NULL,
    noted_at INTEGER NOT NULL,
    PRIMARY KEY (name)
) STRICT, WITHOUT ROWID;
