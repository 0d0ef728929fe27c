-- Takes 0012_packages back: all repositories and what they hold are lost.
DROP TABLE downloads;
DROP TABLE repository_usage;
DROP TABLE tombstones;
DROP TABLE properties;
DROP TABLE package_blobs;
DROP TABLE tags;
DROP TABLE files;
DROP TABLE versions;
DROP TABLE packages;
DROP TABLE repositories;
