-- Takes 0004_access back: all roles, policies and keys are lost.
DROP TABLE keys;
DROP TABLE policies;
DROP TABLE user_roles;
DROP TABLE roles;
