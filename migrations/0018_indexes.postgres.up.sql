-- Versions are found by what their properties say, in packages that have very many; uploads by where they belong, for quotas. And
-- what stands under an image's fallback tag is not noted any more: the tag's index says so itself.
-- lodestone: lint-ignore non-concurrent-index because publishing waits no longer than reading all properties takes, a few seconds for a million
CREATE INDEX properties_by_value ON properties (tenant_id, repository_id, package_id, name, value);
CREATE INDEX uploads_by_scope ON uploads (tenant_id, scope);

DELETE FROM properties WHERE name = 'oci.listed_subject';
