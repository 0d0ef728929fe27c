-- How dear the bcrypt hashes are that were imported: while there are some, every check of a password in the
-- tenant takes as long. Null: argon2id, or no password.
-- lodestone: lint-ignore non-concurrent-index because the column is empty but for what was imported
ALTER TABLE user_credentials ADD COLUMN bcrypt_rounds bigint;

UPDATE user_credentials SET bcrypt_rounds = CAST(substr(password_hash, 5, 2) AS bigint)
WHERE substr(password_hash, 2, 1) = '2';

CREATE INDEX user_credentials_imported ON user_credentials (tenant_id, bcrypt_rounds) WHERE bcrypt_rounds IS NOT NULL;
