-- What people say of a package, beside what its publications say; by which traits of its versions it is found; and since when there
-- is something of a name, which outlives what was deleted.

-- What the last publication said, where people say something else; null: they do not.
ALTER TABLE packages ADD COLUMN published_description text COLLATE "C";
ALTER TABLE packages ADD COLUMN published_keywords text COLLATE "C";
ALTER TABLE packages ADD COLUMN traits text COLLATE "C" NOT NULL DEFAULT '[]';
ALTER TABLE packages ADD COLUMN first_published_at bigint NOT NULL DEFAULT 0;
ALTER TABLE versions ADD COLUMN first_published_at bigint NOT NULL DEFAULT 0;
ALTER TABLE tombstones ADD COLUMN version_published_at bigint NOT NULL DEFAULT 0;
ALTER TABLE tombstones ADD COLUMN package_published_at bigint NOT NULL DEFAULT 0;

-- The rows that are there still, also deleted ones, say when something of their name was published. Of what was purged before this,
-- only when it was removed is known: it was published by then.
UPDATE versions SET first_published_at = published_at WHERE first_published_at = 0;
UPDATE packages SET first_published_at = created_at WHERE first_published_at = 0;
UPDATE tombstones SET version_published_at = removed_at WHERE version_published_at = 0;

WITH known AS (SELECT p.tenant_id, p.repository_id, p.name_key AS package_key, v.name_key AS version_key,
                      min(v.published_at) AS published_at
               FROM packages AS p
               JOIN versions AS v ON v.tenant_id = p.tenant_id AND v.repository_id = p.repository_id AND v.package_id = p.id
               GROUP BY p.tenant_id, p.repository_id, p.name_key, v.name_key)
UPDATE tombstones SET version_published_at = known.published_at FROM known
WHERE known.tenant_id = tombstones.tenant_id AND known.repository_id = tombstones.repository_id
  AND known.package_key = tombstones.package_key AND known.version_key = tombstones.version_key
  AND known.published_at < tombstones.version_published_at;

WITH known AS (SELECT tenant_id, repository_id, package_key, version_key, min(version_published_at) AS published_at
               FROM tombstones GROUP BY tenant_id, repository_id, package_key, version_key)
UPDATE versions SET first_published_at = known.published_at
FROM known JOIN packages AS p ON p.tenant_id = known.tenant_id AND p.repository_id = known.repository_id
                             AND p.name_key = known.package_key
WHERE versions.tenant_id = p.tenant_id AND versions.repository_id = p.repository_id AND versions.package_id = p.id
  AND versions.name_key = known.version_key AND known.published_at < versions.first_published_at;

-- Of a package all tombstones say the same.
WITH known AS (SELECT tenant_id, repository_id, package_key, min(published_at) AS published_at
               FROM (SELECT tenant_id, repository_id, package_key, version_published_at AS published_at FROM tombstones
                     UNION ALL
                     SELECT tenant_id, repository_id, name_key, created_at FROM packages) AS every
               GROUP BY tenant_id, repository_id, package_key)
UPDATE tombstones SET package_published_at = known.published_at FROM known
WHERE known.tenant_id = tombstones.tenant_id AND known.repository_id = tombstones.repository_id
  AND known.package_key = tombstones.package_key;

WITH known AS (SELECT tenant_id, repository_id, package_key, min(package_published_at) AS published_at
               FROM tombstones GROUP BY tenant_id, repository_id, package_key)
UPDATE packages SET first_published_at = known.published_at FROM known
WHERE known.tenant_id = packages.tenant_id AND known.repository_id = packages.repository_id
  AND known.package_key = packages.name_key AND known.published_at < packages.first_published_at;

-- The traits of images that are there already, nearly as the program would write them: platforms as far as their facts tell them,
-- and types of artefacts. Of what was deleted by itself they are out of sight.
INSERT INTO properties (tenant_id, repository_id, package_id, version_id, name, value)
SELECT DISTINCT tenant_id, repository_id, package_id, id, kind || trait, trait
FROM (SELECT v.tenant_id, v.repository_id, v.package_id, v.id,
             CASE WHEN v.deleted_at IS NULL OR v.deleted_at = p.deleted_at THEN 'trait:' ELSE 'lost-trait:' END AS kind,
             (one ->> 'os') || '/' || (one ->> 'architecture') || coalesce('/' || (one ->> 'variant'), '') AS trait
      FROM (SELECT tenant_id, repository_id, package_id, id, deleted_at,
                   CASE WHEN strpos(facts, '\u0000') = 0 THEN facts::json END AS facts
            FROM versions WHERE strpos(facts, '"platforms"') > 0) AS v
      JOIN packages AS p ON p.tenant_id = v.tenant_id AND p.repository_id = v.repository_id AND p.id = v.package_id
      JOIN repositories AS r ON r.tenant_id = v.tenant_id AND r.id = v.repository_id AND r.format = 'oci'
      CROSS JOIN json_array_elements(v.facts -> 'platforms') AS one
      WHERE (v.facts -> 'subject') IS NULL AND (one ->> 'os') NOT IN ('', 'unknown')) AS found
WHERE octet_length(trait) <= 200;

INSERT INTO properties (tenant_id, repository_id, package_id, version_id, name, value)
SELECT t.tenant_id, t.repository_id, t.package_id, t.version_id,
       CASE WHEN v.deleted_at IS NULL OR v.deleted_at = p.deleted_at THEN 'trait:' ELSE 'lost-trait:' END || t.value, t.value
FROM properties AS t
JOIN versions AS v ON v.tenant_id = t.tenant_id AND v.repository_id = t.repository_id AND v.package_id = t.package_id
                  AND v.id = t.version_id
JOIN packages AS p ON p.tenant_id = v.tenant_id AND p.repository_id = v.repository_id AND p.id = v.package_id
WHERE t.name = 'oci.artifact_type' AND octet_length(t.value) <= 200 AND strpos(v.facts, '"subject":{') = 0
  AND t.value NOT IN ('application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json',
                      'application/vnd.oci.empty.v1+json');

UPDATE packages SET traits = found.traits
FROM (SELECT tenant_id, repository_id, package_id, '[' || string_agg(to_json(value)::text, ',' ORDER BY value) || ']' AS traits
      FROM (SELECT tenant_id, repository_id, package_id, value,
                   row_number() OVER (PARTITION BY tenant_id, repository_id, package_id ORDER BY value) AS place
            FROM (SELECT DISTINCT tenant_id, repository_id, package_id, value FROM properties
                  WHERE name LIKE 'trait:%') AS each_once) AS placed
      WHERE place <= 100 GROUP BY tenant_id, repository_id, package_id) AS found
WHERE found.tenant_id = packages.tenant_id AND found.repository_id = packages.repository_id AND found.package_id = packages.id;

UPDATE package_words SET words = words || array_to_tsvector(ARRAY(
    SELECT DISTINCT left(word, 64)
    FROM unnest(string_to_array(regexp_replace(lower(p.traits), '[\x01-/:-@\[-`{-\x7F]+', ' ', 'g'), ' ')) AS word
    WHERE word <> ''))
FROM packages AS p
WHERE p.tenant_id = package_words.tenant_id AND p.number = package_words.number AND p.traits <> '[]';
