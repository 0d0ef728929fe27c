-- How often versions were fetched, in all, and the words by which packages are found.

CREATE TABLE download_totals (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    package_id text COLLATE "C" NOT NULL,
    version_id text COLLATE "C" NOT NULL,
    count bigint NOT NULL,
    last_day bigint NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, package_id, version_id),
    FOREIGN KEY (tenant_id, repository_id, package_id, version_id)
        REFERENCES versions (tenant_id, repository_id, package_id, id)
);

-- `words` holds the tenant as a word of its own ("@" and its id in hexadecimal), so that a search looks at one tenant's packages
-- only; words are made by src/packages/search_words.cpp and contain nothing that needs a parser.
CREATE TABLE package_words (
    tenant_id text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    keywords text COLLATE "C" NOT NULL,
    words tsvector NOT NULL,
    PRIMARY KEY (tenant_id, number)
);

-- What is there already, nearly as the program would write it: its next publication does that.
INSERT INTO package_words (tenant_id, number, name, keywords, words)
SELECT tenant_id, number, name, keywords,
       array_to_tsvector(ARRAY(SELECT '@' || encode(convert_to(tenant_id, 'UTF8'), 'hex')
                               UNION
                               SELECT left(word, 64)
                               FROM unnest(string_to_array(name || ' ' || keywords || ' ' || description, ' ')) AS word
                               WHERE word <> ''))
FROM (SELECT number, tenant_id, regexp_replace(lower(name), '[\x01-/:-@\[-`{-\x7F]+', ' ', 'g') AS name,
             regexp_replace(lower(keywords), '[\x01-/:-@\[-`{-\x7F]+', ' ', 'g') AS keywords,
             regexp_replace(lower(description), '[\x01-/:-@\[-`{-\x7F]+', ' ', 'g') AS description
      FROM packages) AS found;

CREATE INDEX package_words_by_word ON package_words USING gin (words);
