-- Takes 0024_staged_publications back: what waits for approval is lost, and its bytes are collected.
DELETE FROM blob_uses WHERE (tenant_id, owner) IN (SELECT tenant_id, number FROM staged_publications);
DELETE FROM package_blobs WHERE (tenant_id, version) IN (SELECT tenant_id, number FROM staged_publications);
UPDATE repository_usage SET bytes =
    (SELECT coalesce(sum(d.size_bytes), 0) FROM
        (SELECT DISTINCT b.blob_id, b.size_bytes FROM repositories AS r
         JOIN package_blobs AS b ON b.tenant_id = r.tenant_id AND b.repository = r.number
         WHERE r.tenant_id = repository_usage.tenant_id AND r.id = repository_usage.repository_id) AS d)
WHERE (tenant_id, repository_id) IN (SELECT tenant_id, repository_id FROM staged_publications);
DROP TABLE staged_publications;
