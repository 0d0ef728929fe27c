-- What a proxy shows the registry that it fetches from: sealed, and null where it shows nothing.
ALTER TABLE repositories ADD COLUMN upstream_secret TEXT;
