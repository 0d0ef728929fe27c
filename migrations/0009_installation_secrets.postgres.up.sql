-- With which secrets this database is used: a keyed hash for each, by which a node with another one is told.
CREATE TABLE installation_secrets (
    name text COLLATE "C" NOT NULL,
    mark text COLLATE "C" NOT NULL,
    noted_at bigint NOT NULL,
    PRIMARY KEY (name)
);
