-- How people sign in, and what is open while they are: credentials, sessions, links that work once.

CREATE TABLE user_credentials (
    tenant_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    password_hash text COLLATE "C",
    password_changed_at bigint,
    must_change_password boolean NOT NULL,
    failed_attempts bigint NOT NULL,
    last_failed_at bigint,
    blocked_until bigint,
    totp_secret text COLLATE "C",
    totp_confirmed_at bigint,
    totp_last_step bigint,
    updated_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);

CREATE TABLE recovery_codes (
    tenant_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    code_hash text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    used_at bigint,
    PRIMARY KEY (tenant_id, user_id, code_hash),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);

-- A session has one access token at a time, found by its public part, and a family of refresh tokens.
CREATE TABLE sessions (
    tenant_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    public_id text COLLATE "C" NOT NULL,
    access_hash text COLLATE "C" NOT NULL,
    access_expires_at bigint NOT NULL,
    method text COLLATE "C" NOT NULL,
    has_second_factor boolean NOT NULL,
    address text COLLATE "C" NOT NULL,
    agent text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    last_active_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    revoked_at bigint,
    revoked_reason text COLLATE "C",
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);

CREATE UNIQUE INDEX sessions_public_id ON sessions (public_id);
CREATE INDEX sessions_by_user ON sessions (tenant_id, user_id, created_at, id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE refresh_tokens (
    tenant_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    session_id text COLLATE "C" NOT NULL,
    public_id text COLLATE "C" NOT NULL,
    secret_hash text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint,
    rotated_from text COLLATE "C",
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id)
);

CREATE UNIQUE INDEX refresh_tokens_public_id ON refresh_tokens (public_id);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (tenant_id, session_id, created_at, id);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

CREATE TABLE invitations (
    tenant_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    public_id text COLLATE "C" NOT NULL,
    secret_hash text COLLATE "C" NOT NULL,
    email text COLLATE "C",
    app_id text COLLATE "C",
    role text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    expires_at bigint NOT NULL,
    accepted_at bigint,
    accepted_by text COLLATE "C",
    revoked_at bigint,
    revoked_by text COLLATE "C",
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    FOREIGN KEY (tenant_id, app_id) REFERENCES apps (tenant_id, id)
);

CREATE UNIQUE INDEX invitations_public_id ON invitations (public_id);
CREATE INDEX invitations_by_created ON invitations (tenant_id, created_at, id);
CREATE INDEX invitations_by_expiry ON invitations (expires_at);

-- Links that an administrator makes for a user who has lost the password; they work once.
CREATE TABLE reset_links (
    tenant_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    public_id text COLLATE "C" NOT NULL,
    secret_hash text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);

CREATE UNIQUE INDEX reset_links_public_id ON reset_links (public_id);
CREATE INDEX reset_links_by_user ON reset_links (tenant_id, user_id);
CREATE INDEX reset_links_by_expiry ON reset_links (expires_at);
