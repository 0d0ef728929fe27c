-- Takes 0002_tenants back: all tenants are lost.
DROP TABLE spent_ids;
DROP TABLE tenants;
