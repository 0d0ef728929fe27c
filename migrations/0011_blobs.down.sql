-- Takes 0011_blobs back: what is stored and promised is forgotten; the bytes themselves stay where they are.
DROP TABLE uploads;
DROP TABLE blob_uses;
DROP TABLE blob_leases;
DROP TABLE blob_digests;
DROP TABLE blobs;
