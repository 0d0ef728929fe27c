-- Takes 0018_indexes back. What stands under fallback tags is a referrer again when it is pushed again.
DROP INDEX uploads_by_scope;
DROP INDEX properties_by_value;
