-- Takes 0020_described_packages back: since when names are published, what publications say of packages that people describe, and
-- by which traits packages are found.
DELETE FROM properties WHERE name LIKE 'trait:%' OR name LIKE 'lost-trait:%';
ALTER TABLE tombstones DROP COLUMN package_published_at;
ALTER TABLE tombstones DROP COLUMN version_published_at;
ALTER TABLE versions DROP COLUMN first_published_at;
ALTER TABLE packages DROP COLUMN first_published_at;
ALTER TABLE packages DROP COLUMN traits;
ALTER TABLE packages DROP COLUMN published_keywords;
ALTER TABLE packages DROP COLUMN published_description;
