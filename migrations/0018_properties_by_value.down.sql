-- Takes 0018_properties_by_value back. What stands under fallback tags is a referrer again when it is pushed again.
DROP INDEX properties_by_value;
