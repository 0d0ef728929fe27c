-- Takes 0023_logins back: whoever is about to sign in by a page begins again.
DROP INDEX trusted_publishers_everywhere;
DROP TABLE web_logins;
