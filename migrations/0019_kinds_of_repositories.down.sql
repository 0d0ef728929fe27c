-- Takes 0019_kinds_of_repositories back. A proxy or group has settings that the program before does not know: it would refuse to
-- read them, so they go with the secrets.
UPDATE repositories SET settings = '{}' WHERE kind <> 'hosted';

ALTER TABLE repositories DROP COLUMN upstream_secret;
