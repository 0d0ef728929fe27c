-- Whom others vouch for: providers that people sign in with, and pipelines that may publish.

CREATE TABLE identity_providers (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    issuer TEXT NOT NULL,
    client_id TEXT NOT NULL,
    client_secret TEXT,
    scopes TEXT NOT NULL,
    group_claim TEXT,
    group_roles TEXT NOT NULL,
    registration TEXT NOT NULL,
    links_by_email INTEGER NOT NULL CHECK (links_by_email IN (0, 1)),
    status TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX identity_providers_name ON identity_providers (tenant_id, name_folded);
CREATE INDEX identity_providers_by_created ON identity_providers (tenant_id, created_at, id);

-- Sign-ins that are on their way through a provider, each good for one return within ten minutes.
CREATE TABLE provider_sign_ins (
    tenant_id TEXT NOT NULL,
    state_hash TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    browser_hash TEXT NOT NULL,
    nonce TEXT NOT NULL,
    code_verifier TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, state_hash),
    FOREIGN KEY (tenant_id, provider_id) REFERENCES identity_providers (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX provider_sign_ins_by_provider ON provider_sign_ins (tenant_id, provider_id);
CREATE INDEX provider_sign_ins_by_expiry ON provider_sign_ins (expires_at);

-- The ids of repository and owner are pinned beside their names: a name that was given up can be taken by somebody else.
CREATE TABLE trusted_publishers (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    forge TEXT NOT NULL,
    issuer TEXT NOT NULL,
    repository TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    workflow TEXT NOT NULL,
    environment TEXT,
    scopes TEXT NOT NULL,
    lifetime_seconds INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, app_id) REFERENCES apps (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX trusted_publishers_name ON trusted_publishers (tenant_id, name_folded);
CREATE INDEX trusted_publishers_by_created ON trusted_publishers (tenant_id, created_at, id);
CREATE INDEX trusted_publishers_by_repository ON trusted_publishers (tenant_id, issuer, repository_id);
CREATE INDEX trusted_publishers_by_app ON trusted_publishers (tenant_id, app_id);

-- Tokens of issuers that were exchanged already, until they would have expired anyway.
CREATE TABLE spent_tokens (
    issuer TEXT NOT NULL,
    token_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, token_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX spent_tokens_by_expiry ON spent_tokens (expires_at);
