-- Takes 0003_people back: all apps, branches and people are lost.
DROP TABLE platform_admins;
DROP TABLE tenant_ownership_history;
DROP TABLE tenant_owners;
DROP TABLE memberships;
DROP TABLE user_identities;
DROP TABLE users;
DROP TABLE branches;
DROP TABLE apps;
DROP INDEX tenants_domain;
ALTER TABLE tenants DROP COLUMN settings;
ALTER TABLE tenants DROP COLUMN config;
ALTER TABLE tenants DROP COLUMN domain;
