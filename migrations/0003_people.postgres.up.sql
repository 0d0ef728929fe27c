-- What a tenant consists of: its settings and owner, apps, branches, people, and who may use which app.
-- lodestone: lint-ignore non-concurrent-index because tenants are few, and the column is empty

-- The domain that its people sign in from; what it has configured, typed in identity/nouns/tenant_settings.hpp.
ALTER TABLE tenants ADD COLUMN domain text COLLATE "C";
ALTER TABLE tenants ADD COLUMN config text COLLATE "C" NOT NULL DEFAULT '{}';
ALTER TABLE tenants ADD COLUMN settings text COLLATE "C" NOT NULL DEFAULT '{}';
CREATE UNIQUE INDEX tenants_domain ON tenants (domain) WHERE domain IS NOT NULL AND deleted_at IS NULL;

CREATE TABLE apps (
    tenant_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    config text COLLATE "C" NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    updated_by text COLLATE "C" NOT NULL,
    deleted_at bigint,
    deleted_by text COLLATE "C",
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id)
);

CREATE UNIQUE INDEX apps_name ON apps (tenant_id, name_folded) WHERE deleted_at IS NULL;
CREATE INDEX apps_by_created ON apps (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX apps_deleted ON apps (deleted_at, tenant_id, id) WHERE deleted_at IS NOT NULL;

-- Sites and environments of an app.
CREATE TABLE branches (
    tenant_id text COLLATE "C" NOT NULL,
    app_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    code_folded text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    address text COLLATE "C" NOT NULL,
    contact text COLLATE "C" NOT NULL,
    settings text COLLATE "C" NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    updated_by text COLLATE "C" NOT NULL,
    deleted_at bigint,
    deleted_by text COLLATE "C",
    PRIMARY KEY (tenant_id, app_id, id),
    FOREIGN KEY (tenant_id, app_id) REFERENCES apps (tenant_id, id)
);

CREATE UNIQUE INDEX branches_code ON branches (tenant_id, app_id, code_folded) WHERE deleted_at IS NULL;
CREATE INDEX branches_by_name ON branches (tenant_id, app_id, name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX branches_by_created ON branches (tenant_id, app_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX branches_deleted ON branches (deleted_at, tenant_id, app_id, id) WHERE deleted_at IS NOT NULL;

-- People. What they sign in with stands in user_credentials, apart.
CREATE TABLE users (
    tenant_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    username text COLLATE "C" NOT NULL,
    username_folded text COLLATE "C" NOT NULL,
    email text COLLATE "C",
    email_folded text COLLATE "C",
    full_name text COLLATE "C" NOT NULL,
    full_name_folded text COLLATE "C" NOT NULL DEFAULT '',
    status text COLLATE "C" NOT NULL,
    email_verified_at bigint,
    phone_number text COLLATE "C",
    phone_verified_at bigint,
    metadata text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    updated_by text COLLATE "C" NOT NULL,
    deleted_at bigint,
    deleted_by text COLLATE "C",
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id)
);

CREATE UNIQUE INDEX users_username ON users (tenant_id, username_folded) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX users_email ON users (tenant_id, email_folded) WHERE email_folded IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX users_by_created ON users (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX users_deleted ON users (deleted_at, tenant_id, id) WHERE deleted_at IS NOT NULL;

-- As whom other providers know a user.
CREATE TABLE user_identities (
    tenant_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    provider text COLLATE "C" NOT NULL,
    provider_id text COLLATE "C" NOT NULL,
    email text COLLATE "C",
    username text COLLATE "C",
    is_verified boolean NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    updated_by text COLLATE "C" NOT NULL,
    deleted_at bigint,
    deleted_by text COLLATE "C",
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);

CREATE UNIQUE INDEX user_identities_provider ON user_identities (tenant_id, provider, provider_id) WHERE deleted_at IS NULL;
CREATE INDEX user_identities_by_user ON user_identities (tenant_id, user_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX user_identities_deleted ON user_identities (deleted_at, tenant_id, id) WHERE deleted_at IS NOT NULL;

-- Who may use which app, and as what. `role` is the id of a built-in role or of one in `roles`; a role that is not there gives nothing.
CREATE TABLE memberships (
    tenant_id text COLLATE "C" NOT NULL,
    app_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    granted_at bigint NOT NULL,
    granted_by text COLLATE "C" NOT NULL,
    revoked_at bigint,
    revoked_by text COLLATE "C",
    PRIMARY KEY (tenant_id, app_id, user_id),
    FOREIGN KEY (tenant_id, app_id) REFERENCES apps (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);

CREATE INDEX memberships_by_user ON memberships (tenant_id, user_id, app_id);

-- Exactly one owner: the key is the tenant.
CREATE TABLE tenant_owners (
    tenant_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    since bigint NOT NULL,
    granted_by text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);

CREATE TABLE tenant_ownership_history (
    tenant_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    previous_owner text COLLATE "C",
    new_owner text COLLATE "C" NOT NULL,
    transferred_by text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    transferred_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- Who administers the installation: tenants, not what is in them.
CREATE TABLE platform_admins (
    tenant_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    granted_at bigint NOT NULL,
    granted_by text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
