-- How often versions were fetched, in all, and the words by which packages are found.

CREATE TABLE download_totals (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    package_id TEXT NOT NULL,
    version_id TEXT NOT NULL,
    count INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, package_id, version_id),
    FOREIGN KEY (tenant_id, repository_id, package_id, version_id)
        REFERENCES versions (tenant_id, repository_id, package_id, id)
) STRICT, WITHOUT ROWID;

-- rowid is the package's number. `words` holds the tenant as a word of its own ("@" and its id in hexadecimal), so that a search
-- looks at one tenant's packages only; words are made by src/packages/search_words.cpp and contain nothing that needs a tokenizer.
CREATE VIRTUAL TABLE package_words USING fts5 (
    name UNINDEXED, keywords UNINDEXED, words, detail = none, columnsize = 0, tokenize = "ascii tokenchars '@'"
);

-- What is there already, nearly as the program would write it: its next publication does that.
INSERT INTO package_words (rowid, name, keywords, words)
SELECT number, name, keywords, '@' || lower(hex(tenant_id)) || ' ' || name || ' ' || keywords || ' ' || description
FROM (SELECT number, tenant_id, replace(description, '@', ' ') AS description, replace(keywords, '@', ' ') AS keywords,
             replace(replace(replace(replace(replace(lower(name), '@', ' '), '-', ' '), '_', ' '), '.', ' '), '/', ' ') AS name
      FROM packages) AS found;
