-- Takes 0013_audit_of_keys back: lists of what one key did walk the tenant's whole log.
ALTER TABLE tenant_ownership_history DROP COLUMN transferred_by_tenant;
DROP INDEX audit_by_key;
