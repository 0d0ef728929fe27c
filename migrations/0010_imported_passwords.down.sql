-- Takes 0010_imported_passwords back: an imported password then costs another time to check than others.
DROP INDEX user_credentials_imported;
ALTER TABLE user_credentials DROP COLUMN bcrypt_rounds;
