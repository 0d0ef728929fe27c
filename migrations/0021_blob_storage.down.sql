-- Takes 0021_blob_storage back: any folder or bucket is taken for the right one again.
ALTER TABLE uploads DROP COLUMN ending_sha256;
DROP TABLE blob_storage;
