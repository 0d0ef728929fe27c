-- Takes 0005_sign_in back: passwords, sessions, invitations and links are lost.
DROP TABLE reset_links;
DROP TABLE invitations;
DROP TABLE refresh_tokens;
DROP TABLE sessions;
DROP TABLE recovery_codes;
DROP TABLE user_credentials;
