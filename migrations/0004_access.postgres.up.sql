-- What people and programs may do: roles, policies, keys.

-- Custom roles; the built-in ones stand in identity/rules/roles.cpp.
CREATE TABLE roles (
    tenant_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    permissions text COLLATE "C" NOT NULL,
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

CREATE UNIQUE INDEX roles_name ON roles (tenant_id, name_folded) WHERE deleted_at IS NULL;
CREATE INDEX roles_by_created ON roles (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX roles_deleted ON roles (deleted_at, tenant_id, id) WHERE deleted_at IS NOT NULL;

-- Roles in the whole tenant; those in one app are memberships.
CREATE TABLE user_roles (
    tenant_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    granted_at bigint NOT NULL,
    granted_by text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, user_id, role),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);

CREATE INDEX user_roles_by_role ON user_roles (tenant_id, role, user_id);

-- Rules beside the roles; a deny wins over everything. Lists and conditions are JSON.
CREATE TABLE policies (
    tenant_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    app_id text COLLATE "C",
    name text COLLATE "C" NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    effect text COLLATE "C" NOT NULL,
    subjects text COLLATE "C" NOT NULL,
    actions text COLLATE "C" NOT NULL,
    resources text COLLATE "C" NOT NULL,
    conditions text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    updated_by text COLLATE "C" NOT NULL,
    deleted_at bigint,
    deleted_by text COLLATE "C",
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    FOREIGN KEY (tenant_id, app_id) REFERENCES apps (tenant_id, id)
);

CREATE UNIQUE INDEX policies_name ON policies (tenant_id, name_folded) WHERE deleted_at IS NULL;
CREATE INDEX policies_by_created ON policies (tenant_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX policies_by_app ON policies (tenant_id, app_id) WHERE app_id IS NOT NULL;
CREATE INDEX policies_deleted ON policies (deleted_at, tenant_id, id) WHERE deleted_at IS NOT NULL;

-- Keys of people (user_id) and of apps (app_id), found by the public part of their text. Of the secret part only a keyed hash is kept.
CREATE TABLE keys (
    tenant_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    public_id text COLLATE "C" NOT NULL,
    secret_hash text COLLATE "C" NOT NULL,
    user_id text COLLATE "C",
    app_id text COLLATE "C",
    type text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    scopes text COLLATE "C" NOT NULL,
    networks text COLLATE "C" NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    expires_at bigint NOT NULL,
    last_used_at bigint,
    last_used_from text COLLATE "C",
    rotated_from text COLLATE "C",
    revoked_at bigint,
    revoked_by text COLLATE "C",
    revoked_reason text COLLATE "C",
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    updated_by text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, app_id) REFERENCES apps (tenant_id, id)
);

CREATE UNIQUE INDEX keys_public_id ON keys (public_id);
CREATE INDEX keys_by_created ON keys (tenant_id, created_at, id);
CREATE INDEX keys_by_user ON keys (tenant_id, user_id, created_at, id) WHERE user_id IS NOT NULL;
CREATE INDEX keys_by_app ON keys (tenant_id, app_id, created_at, id) WHERE app_id IS NOT NULL;
CREATE INDEX keys_by_expiry ON keys (expires_at);
