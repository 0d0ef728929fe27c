-- Takes 0002_tenants back: all tenants are lost.
-- lodestone: lint-ignore drop-table because this is the way back, for development
DROP TABLE tenants;
