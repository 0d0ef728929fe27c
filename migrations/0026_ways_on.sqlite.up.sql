-- Sign-ins with a provider that are finished elsewhere than at the return address: on the page of a login, say. Empty: there.
ALTER TABLE provider_sign_ins ADD COLUMN goes_on_at TEXT NOT NULL DEFAULT '';
