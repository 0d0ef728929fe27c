-- How people sign in, and what is open while they are: credentials, sessions, links that work once.

CREATE TABLE user_credentials (
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    password_hash TEXT,
    password_changed_at INTEGER,
    must_change_password INTEGER NOT NULL CHECK (must_change_password IN (0, 1)),
    failed_attempts INTEGER NOT NULL,
    last_failed_at INTEGER,
    blocked_until INTEGER,
    totp_secret TEXT,
    totp_confirmed_at INTEGER,
    totp_last_step INTEGER,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_codes (
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    code_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (tenant_id, user_id, code_hash),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- A session has one access token at a time, found by its public part, and a family of refresh tokens.
CREATE TABLE sessions (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    public_id TEXT NOT NULL,
    access_hash TEXT NOT NULL,
    access_expires_at INTEGER NOT NULL,
    method TEXT NOT NULL,
    has_second_factor INTEGER NOT NULL CHECK (has_second_factor IN (0, 1)),
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_active_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    revoked_reason TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX sessions_public_id ON sessions (public_id);
CREATE INDEX sessions_by_user ON sessions (tenant_id, user_id, created_at, id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE refresh_tokens (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    public_id TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    rotated_from TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX refresh_tokens_public_id ON refresh_tokens (public_id);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (tenant_id, session_id, created_at, id);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

CREATE TABLE invitations (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    public_id TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    email TEXT,
    app_id TEXT,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    accepted_at INTEGER,
    accepted_by TEXT,
    revoked_at INTEGER,
    revoked_by TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    FOREIGN KEY (tenant_id, app_id) REFERENCES apps (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX invitations_public_id ON invitations (public_id);
CREATE INDEX invitations_by_created ON invitations (tenant_id, created_at, id);
CREATE INDEX invitations_by_expiry ON invitations (expires_at);

-- Links that an administrator makes for a user who has lost the password; they work once.
CREATE TABLE reset_links (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    public_id TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX reset_links_public_id ON reset_links (public_id);
CREATE INDEX reset_links_by_user ON reset_links (tenant_id, user_id);
CREATE INDEX reset_links_by_expiry ON reset_links (expires_at);
