-- Takes 0026_ways_on back: who is on the way to a provider for something else than a session begins again.
DELETE FROM provider_sign_ins WHERE goes_on_at <> '';
ALTER TABLE provider_sign_ins DROP COLUMN goes_on_at;
