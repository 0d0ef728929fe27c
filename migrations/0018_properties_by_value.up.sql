-- Versions are found by what their properties say, in packages that have very many. And what stands under an image's fallback tag
-- is not noted any more: the tag's index says so itself.
-- lodestone: lint-ignore non-concurrent-index because there are few properties until something is published
CREATE INDEX properties_by_value ON properties (tenant_id, repository_id, package_id, name, value);

DELETE FROM properties WHERE name = 'oci.listed_subject';
