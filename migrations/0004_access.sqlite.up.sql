-- What people and programs may do: roles, policies, keys.

-- Custom roles; the built-in ones stand in identity/rules/roles.cpp.
CREATE TABLE roles (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    description TEXT NOT NULL,
    status TEXT NOT NULL,
    permissions TEXT NOT NULL,
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

CREATE UNIQUE INDEX roles_name ON roles (tenant_id, name_folded) WHERE deleted_at IS NULL;
CREATE INDEX roles_by_created ON roles (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX roles_deleted ON roles (deleted_at, tenant_id, id) WHERE deleted_at IS NOT NULL;

-- Roles in the whole tenant; those in one app are memberships.
CREATE TABLE user_roles (
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    granted_by TEXT NOT NULL,
    PRIMARY KEY (tenant_id, user_id, role),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX user_roles_by_role ON user_roles (tenant_id, role, user_id);

-- Rules beside the roles; a deny wins over everything. Lists and conditions are JSON.
CREATE TABLE policies (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    app_id TEXT,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    description TEXT NOT NULL,
    effect TEXT NOT NULL,
    subjects TEXT NOT NULL,
    actions TEXT NOT NULL,
    resources TEXT NOT NULL,
    conditions TEXT NOT NULL,
    status TEXT NOT NULL,
    metadata TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    deleted_at INTEGER,
    deleted_by TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    FOREIGN KEY (tenant_id, app_id) REFERENCES apps (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX policies_name ON policies (tenant_id, name_folded) WHERE deleted_at IS NULL;
CREATE INDEX policies_by_created ON policies (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX policies_by_app ON policies (tenant_id, app_id) WHERE app_id IS NOT NULL;
CREATE INDEX policies_deleted ON policies (deleted_at, tenant_id, id) WHERE deleted_at IS NOT NULL;

-- Keys of people (user_id) and of apps (app_id), found by the public part of their text. Of the secret part only a keyed hash is kept.
CREATE TABLE keys (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    public_id TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    user_id TEXT,
    app_id TEXT,
    type TEXT NOT NULL,
    environment TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    scopes TEXT NOT NULL,
    networks TEXT NOT NULL,
    metadata TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    last_used_at INTEGER,
    last_used_from TEXT,
    rotated_from TEXT,
    revoked_at INTEGER,
    revoked_by TEXT,
    revoked_reason TEXT,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, app_id) REFERENCES apps (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX keys_public_id ON keys (public_id);
CREATE INDEX keys_by_created ON keys (tenant_id, created_at, id);
CREATE INDEX keys_by_user ON keys (tenant_id, user_id, created_at, id) WHERE user_id IS NOT NULL;
CREATE INDEX keys_by_app ON keys (tenant_id, app_id, created_at, id) WHERE app_id IS NOT NULL;
CREATE INDEX keys_by_expiry ON keys (expires_at);
