-- Whom others vouch for: providers that people sign in with, and pipelines that may publish.

CREATE TABLE identity_providers (
    tenant_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    issuer text COLLATE "C" NOT NULL,
    client_id text COLLATE "C" NOT NULL,
    client_secret text COLLATE "C",
    scopes text COLLATE "C" NOT NULL,
    group_claim text COLLATE "C",
    group_roles text COLLATE "C" NOT NULL,
    registration text COLLATE "C" NOT NULL,
    links_by_email boolean NOT NULL,
    status text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    updated_by text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id)
);

CREATE UNIQUE INDEX identity_providers_name ON identity_providers (tenant_id, name_folded);
CREATE INDEX identity_providers_by_created ON identity_providers (tenant_id, created_at, id);

-- Sign-ins that are on their way through a provider, each good for one return within ten minutes.
CREATE TABLE provider_sign_ins (
    tenant_id text COLLATE "C" NOT NULL,
    state_hash text COLLATE "C" NOT NULL,
    provider_id text COLLATE "C" NOT NULL,
    browser_hash text COLLATE "C" NOT NULL,
    nonce text COLLATE "C" NOT NULL,
    code_verifier text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, state_hash),
    FOREIGN KEY (tenant_id, provider_id) REFERENCES identity_providers (tenant_id, id)
);

CREATE INDEX provider_sign_ins_by_provider ON provider_sign_ins (tenant_id, provider_id);
CREATE INDEX provider_sign_ins_by_expiry ON provider_sign_ins (expires_at);

-- The ids of repository and owner are pinned beside their names: a name that was given up can be taken by somebody else.
CREATE TABLE trusted_publishers (
    tenant_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    app_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    forge text COLLATE "C" NOT NULL,
    issuer text COLLATE "C" NOT NULL,
    repository text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    owner_id text COLLATE "C" NOT NULL,
    workflow text COLLATE "C" NOT NULL,
    environment text COLLATE "C",
    scopes text COLLATE "C" NOT NULL,
    lifetime_seconds bigint NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    updated_by text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, app_id) REFERENCES apps (tenant_id, id)
);

CREATE UNIQUE INDEX trusted_publishers_name ON trusted_publishers (tenant_id, name_folded);
CREATE INDEX trusted_publishers_by_created ON trusted_publishers (tenant_id, created_at, id);
CREATE INDEX trusted_publishers_by_repository ON trusted_publishers (tenant_id, issuer, repository_id);
CREATE INDEX trusted_publishers_by_app ON trusted_publishers (tenant_id, app_id);

-- Tokens of issuers that were exchanged already, until they would have expired anyway.
CREATE TABLE spent_tokens (
    issuer text COLLATE "C" NOT NULL,
    token_id text COLLATE "C" NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (issuer, token_id)
);

CREATE INDEX spent_tokens_by_expiry ON spent_tokens (expires_at);
