-- What a tenant consists of: its settings and owner, apps, branches, people, and who may use which app.

-- The domain that its people sign in from; what it has configured, typed in identity/nouns/tenant_settings.hpp.
ALTER TABLE tenants ADD COLUMN domain TEXT;
ALTER TABLE tenants ADD COLUMN config TEXT NOT NULL DEFAULT '{}';
ALTER TABLE tenants ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
CREATE UNIQUE INDEX tenants_domain ON tenants (domain) WHERE domain IS NOT NULL AND deleted_at IS NULL;

CREATE TABLE apps (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    config TEXT NOT NULL,
    metadata TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    deleted_at INTEGER,
    deleted_by TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX apps_name ON apps (tenant_id, name_folded) WHERE deleted_at IS NULL;
CREATE INDEX apps_by_created ON apps (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX apps_deleted ON apps (deleted_at, tenant_id, id) WHERE deleted_at IS NOT NULL;

-- Sites and environments of an app.
CREATE TABLE branches (
    tenant_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    id TEXT NOT NULL,
    code TEXT NOT NULL,
    code_folded TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    address TEXT NOT NULL,
    contact TEXT NOT NULL,
    settings TEXT NOT NULL,
    metadata TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    deleted_at INTEGER,
    deleted_by TEXT,
    PRIMARY KEY (tenant_id, app_id, id),
    FOREIGN KEY (tenant_id, app_id) REFERENCES apps (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX branches_code ON branches (tenant_id, app_id, code_folded) WHERE deleted_at IS NULL;
CREATE INDEX branches_by_name ON branches (tenant_id, app_id, name_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX branches_by_created ON branches (tenant_id, app_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX branches_deleted ON branches (deleted_at, tenant_id, app_id, id) WHERE deleted_at IS NOT NULL;

-- People. What they sign in with stands in user_credentials, apart.
CREATE TABLE users (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    username TEXT NOT NULL,
    username_folded TEXT NOT NULL,
    email TEXT,
    email_folded TEXT,
    full_name TEXT NOT NULL,
    full_name_folded TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL,
    email_verified_at INTEGER,
    phone_number TEXT,
    phone_verified_at INTEGER,
    metadata TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    deleted_at INTEGER,
    deleted_by TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX users_username ON users (tenant_id, username_folded) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX users_email ON users (tenant_id, email_folded) WHERE email_folded IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX users_by_created ON users (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX users_deleted ON users (deleted_at, tenant_id, id) WHERE deleted_at IS NOT NULL;

-- As whom other providers know a user.
CREATE TABLE user_identities (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    email TEXT,
    username TEXT,
    is_verified INTEGER NOT NULL CHECK (is_verified IN (0, 1)),
    metadata TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    deleted_at INTEGER,
    deleted_by TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX user_identities_provider ON user_identities (tenant_id, provider, provider_id) WHERE deleted_at IS NULL;
CREATE INDEX user_identities_by_user ON user_identities (tenant_id, user_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX user_identities_deleted ON user_identities (deleted_at, tenant_id, id) WHERE deleted_at IS NOT NULL;

-- Who may use which app, and as what. `role` is the id of a built-in role or of one in `roles`; a role that is not there gives nothing.
CREATE TABLE memberships (
    tenant_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role TEXT NOT NULL,
    status TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    granted_by TEXT NOT NULL,
    revoked_at INTEGER,
    revoked_by TEXT,
    PRIMARY KEY (tenant_id, app_id, user_id),
    FOREIGN KEY (tenant_id, app_id) REFERENCES apps (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX memberships_by_user ON memberships (tenant_id, user_id, app_id);

-- Exactly one owner: the key is the tenant.
CREATE TABLE tenant_owners (
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    since INTEGER NOT NULL,
    granted_by TEXT NOT NULL,
    PRIMARY KEY (tenant_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tenant_ownership_history (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    previous_owner TEXT,
    new_owner TEXT NOT NULL,
    transferred_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    transferred_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- Who administers the installation: tenants, not what is in them.
CREATE TABLE platform_admins (
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    granted_by TEXT NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) STRICT, WITHOUT ROWID;
