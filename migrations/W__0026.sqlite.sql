-- What the versions up to this one make, for a database with nothing in it. Not written by hand:
-- LODESTONE_ACCEPT=1 ./dev test Whole.MakesWhatTheVersionsMake

CREATE TABLE advisories (
    id TEXT NOT NULL PRIMARY KEY,
    modified_at INTEGER NOT NULL,
    published_at INTEGER,
    withdrawn_at INTEGER,
    aliases TEXT NOT NULL,
    summary TEXT NOT NULL,
    details TEXT NOT NULL,
    severity TEXT NOT NULL,
    cvss_vector TEXT NOT NULL,
    cwes TEXT NOT NULL,
    url TEXT NOT NULL,
    imported_at INTEGER NOT NULL
) STRICT;

CREATE TABLE advisory_imports (
    id TEXT NOT NULL PRIMARY KEY,
    imported_at INTEGER NOT NULL,
    imported_by TEXT NOT NULL,
    records INTEGER NOT NULL,
    added INTEGER NOT NULL,
    replaced INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    passed_over INTEGER NOT NULL,
    broken INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE advisory_packages (
    ecosystem TEXT NOT NULL,
    name_key TEXT NOT NULL,
    advisory_id TEXT NOT NULL REFERENCES advisories (id),
    affected TEXT NOT NULL,
    PRIMARY KEY (ecosystem, name_key, advisory_id)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE audit (
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    tenant_id TEXT,
    actor TEXT NOT NULL,
    request_id TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL, actor_tenant_id TEXT, source TEXT NOT NULL DEFAULT 'system', address TEXT NOT NULL DEFAULT '', agent TEXT NOT NULL DEFAULT '', key_id TEXT, session_id TEXT, result TEXT NOT NULL DEFAULT 'ok',
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_chain (
    sequence INTEGER NOT NULL,
    entry_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    leaf TEXT NOT NULL,
    head TEXT NOT NULL,
    PRIMARY KEY (sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_head (
    log TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    head TEXT NOT NULL,
    purged_sequence INTEGER NOT NULL,
    purged_head TEXT NOT NULL,
    PRIMARY KEY (log)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_pending (
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    leaf TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE blob_digests (
    algorithm TEXT NOT NULL,
    digest BLOB NOT NULL,
    blob_id INTEGER NOT NULL,
    PRIMARY KEY (algorithm, digest, blob_id),
    FOREIGN KEY (blob_id) REFERENCES blobs (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE blob_leases (
    tenant_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    blob_id INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, scope, blob_id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    FOREIGN KEY (blob_id) REFERENCES blobs (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE blob_storage (
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    named_at INTEGER NOT NULL,
    PRIMARY KEY (number)
) STRICT, WITHOUT ROWID;

CREATE TABLE blob_uses (
    tenant_id TEXT NOT NULL,
    owner INTEGER NOT NULL,
    blob_id INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, owner, blob_id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    FOREIGN KEY (blob_id) REFERENCES blobs (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE blobs (
    id INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    size_bytes INTEGER NOT NULL,
    state TEXT NOT NULL,
    state_at INTEGER NOT NULL,
    withdrawn_at INTEGER,
    review_at INTEGER,
    created_at INTEGER NOT NULL,
    checked_at INTEGER,
    fault TEXT, copy_id INTEGER,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE chores (
    name TEXT NOT NULL,
    next_at INTEGER NOT NULL,
    node TEXT NOT NULL,
    PRIMARY KEY (name)
) STRICT, WITHOUT ROWID;

CREATE TABLE committed_units (
    key TEXT NOT NULL,
    committed_at INTEGER NOT NULL,
    PRIMARY KEY (key)
) STRICT, WITHOUT ROWID;

CREATE TABLE download_totals (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    package_id TEXT NOT NULL,
    version_id TEXT NOT NULL,
    count INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, package_id, version_id),
    FOREIGN KEY (tenant_id, repository_id, package_id, version_id)
        REFERENCES versions (tenant_id, repository_id, package_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE downloads (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    package_id TEXT NOT NULL,
    version_id TEXT NOT NULL,
    day INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, package_id, version_id, day),
    FOREIGN KEY (tenant_id, repository_id, package_id, version_id)
        REFERENCES versions (tenant_id, repository_id, package_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE files (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    package_id TEXT NOT NULL,
    version_id TEXT NOT NULL,
    name TEXT NOT NULL,
    blob_id INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    size_bytes INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    digests TEXT NOT NULL,
    metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, package_id, version_id, name),
    FOREIGN KEY (tenant_id, repository_id, package_id, version_id)
        REFERENCES versions (tenant_id, repository_id, package_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE fragments (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    package_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    version_id TEXT NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, package_id, kind, version_id, name),
    FOREIGN KEY (tenant_id, repository_id, package_id, version_id)
        REFERENCES versions (tenant_id, repository_id, package_id, id)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE installation (
    event TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (event)
) STRICT, WITHOUT ROWID;

CREATE TABLE installation_secrets (
    name TEXT NOT NULL,
    mark TEXT NOT NULL,
    noted_at INTEGER NOT NULL,
    PRIMARY KEY (name)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE kept_answers (
    key TEXT NOT NULL,
    content TEXT NOT NULL,
    body TEXT NOT NULL,
    location TEXT NOT NULL,
    etag TEXT NOT NULL,
    kept_at INTEGER NOT NULL,
    PRIMARY KEY (key)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE outbox (
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    tenant_id TEXT,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE package_blobs (
    tenant_id TEXT NOT NULL,
    repository INTEGER NOT NULL,
    package INTEGER NOT NULL,
    blob_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, repository, package, blob_id, version)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE package_words USING fts5 (
    name UNINDEXED, keywords UNINDEXED, words, detail = none, columnsize = 0, tokenize = "ascii tokenchars '@'"
);

CREATE TABLE packages (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    id TEXT NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT NOT NULL,
    keywords TEXT NOT NULL,
    metadata TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    deleted_at INTEGER,
    deleted_by TEXT, published_description TEXT, published_keywords TEXT, traits TEXT NOT NULL DEFAULT '[]', first_published_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, repository_id, id),
    FOREIGN KEY (tenant_id, repository_id) REFERENCES repositories (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE platform_admins (
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    granted_by TEXT NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE properties (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    package_id TEXT NOT NULL,
    version_id TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, package_id, version_id, name),
    FOREIGN KEY (tenant_id, repository_id, package_id) REFERENCES packages (tenant_id, repository_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE provider_sign_ins (
    tenant_id TEXT NOT NULL,
    state_hash TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    browser_hash TEXT NOT NULL,
    nonce TEXT NOT NULL,
    code_verifier TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, goes_on_at TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, state_hash),
    FOREIGN KEY (tenant_id, provider_id) REFERENCES identity_providers (tenant_id, id)
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

CREATE TABLE repositories (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    format TEXT NOT NULL,
    kind TEXT NOT NULL,
    visibility TEXT NOT NULL,
    description TEXT NOT NULL,
    settings TEXT NOT NULL,
    metadata TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    deleted_at INTEGER,
    deleted_by TEXT, upstream_secret TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, app_id) REFERENCES apps (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE repository_usage (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    package_count INTEGER NOT NULL,
    version_count INTEGER NOT NULL,
    file_count INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, repository_id),
    FOREIGN KEY (tenant_id, repository_id) REFERENCES repositories (tenant_id, id)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE spent_ids (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE spent_tokens (
    issuer TEXT NOT NULL,
    token_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, token_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE staged_publications (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    id TEXT NOT NULL,
    number INTEGER NOT NULL,
    package_name TEXT NOT NULL,
    package_key TEXT NOT NULL,
    version_name TEXT NOT NULL,
    version_key TEXT NOT NULL,
    tags TEXT NOT NULL,
    facts TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    file_count INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, id),
    FOREIGN KEY (tenant_id, repository_id) REFERENCES repositories (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tags (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    package_id TEXT NOT NULL,
    name TEXT NOT NULL,
    version_id TEXT NOT NULL,
    version_name TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    PRIMARY KEY (tenant_id, repository_id, package_id, name),
    FOREIGN KEY (tenant_id, repository_id, package_id, version_id)
        REFERENCES versions (tenant_id, repository_id, package_id, id)
) STRICT, WITHOUT ROWID;

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
    transferred_at INTEGER NOT NULL, transferred_by_tenant TEXT,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tenants (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    status TEXT NOT NULL,
    metadata TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    deleted_at INTEGER,
    deleted_by TEXT, domain TEXT, config TEXT NOT NULL DEFAULT '{}', settings TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tombstones (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    package_key TEXT NOT NULL,
    version_key TEXT NOT NULL,
    file_name TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    removed_at INTEGER NOT NULL,
    removed_by TEXT NOT NULL,
    reason TEXT NOT NULL, version_published_at INTEGER NOT NULL DEFAULT 0, package_published_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, repository_id, package_key, version_key, file_name),
    FOREIGN KEY (tenant_id, repository_id) REFERENCES repositories (tenant_id, id)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE uploads (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    scope TEXT NOT NULL,
    holder TEXT,
    held_until INTEGER,
    blob_id INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    digest_state BLOB NOT NULL,
    store_state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    touched_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, ending_sha256 BLOB,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) STRICT, WITHOUT ROWID;

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
    updated_at INTEGER NOT NULL, bcrypt_rounds INTEGER,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE user_roles (
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    granted_by TEXT NOT NULL,
    PRIMARY KEY (tenant_id, user_id, role),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE versions (
    tenant_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    package_id TEXT NOT NULL,
    id TEXT NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    state TEXT NOT NULL,
    yank_reason TEXT NOT NULL,
    deprecation TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    file_count INTEGER NOT NULL,
    facts TEXT NOT NULL,
    metadata TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    published_by TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    deleted_at INTEGER,
    deleted_by TEXT, first_published_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, repository_id, package_id, id),
    FOREIGN KEY (tenant_id, repository_id, package_id) REFERENCES packages (tenant_id, repository_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE web_logins (
    tenant_id TEXT NOT NULL,
    public_id TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    format TEXT NOT NULL,
    repository TEXT NOT NULL,
    address TEXT NOT NULL,
    client TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    user_id TEXT,
    confirmed_at INTEGER,
    PRIMARY KEY (tenant_id, public_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX advisory_imports_by_time ON advisory_imports (imported_at, id);

CREATE INDEX advisory_packages_by_advisory ON advisory_packages (advisory_id);

CREATE INDEX apps_by_created ON apps (tenant_id, created_at, id) WHERE deleted_at IS NULL;

CREATE INDEX apps_deleted ON apps (deleted_at, tenant_id, id) WHERE deleted_at IS NOT NULL;

CREATE UNIQUE INDEX apps_name ON apps (tenant_id, name_folded) WHERE deleted_at IS NULL;

CREATE INDEX audit_by_key ON audit (tenant_id, key_id, at, id) WHERE key_id IS NOT NULL;

CREATE INDEX audit_by_subject ON audit (tenant_id, subject, id);

CREATE INDEX audit_by_tenant_time ON audit (tenant_id, at, id);

CREATE INDEX audit_by_time ON audit (at, id);

CREATE UNIQUE INDEX audit_chain_entry ON audit_chain (entry_id);

CREATE INDEX blob_digests_by_blob ON blob_digests (blob_id);

CREATE INDEX blob_leases_by_blob ON blob_leases (blob_id, until_at);

CREATE INDEX blob_leases_by_expiry ON blob_leases (until_at);

CREATE INDEX blob_uses_by_blob ON blob_uses (blob_id);

CREATE INDEX blobs_by_check ON blobs (coalesce(checked_at, created_at), id) WHERE withdrawn_at IS NULL;

CREATE INDEX blobs_by_copy ON blobs (copy_id) WHERE copy_id IS NOT NULL;

CREATE INDEX blobs_by_review ON blobs (review_at) WHERE review_at IS NOT NULL;

CREATE INDEX blobs_by_state ON blobs (state, size_bytes) WHERE state <> 'live';

CREATE UNIQUE INDEX blobs_quarantined ON blobs (sha256) WHERE state = 'quarantined';

CREATE UNIQUE INDEX blobs_sha256 ON blobs (sha256) WHERE withdrawn_at IS NULL;

CREATE INDEX branches_by_created ON branches (tenant_id, app_id, created_at, id) WHERE deleted_at IS NULL;

CREATE INDEX branches_by_name ON branches (tenant_id, app_id, name_folded, id) WHERE deleted_at IS NULL;

CREATE UNIQUE INDEX branches_code ON branches (tenant_id, app_id, code_folded) WHERE deleted_at IS NULL;

CREATE INDEX branches_deleted ON branches (deleted_at, tenant_id, app_id, id) WHERE deleted_at IS NOT NULL;

CREATE INDEX committed_units_by_time ON committed_units (committed_at);

CREATE INDEX fragments_by_version ON fragments (tenant_id, repository_id, package_id, version_id);

CREATE INDEX identity_providers_by_created ON identity_providers (tenant_id, created_at, id);

CREATE UNIQUE INDEX identity_providers_name ON identity_providers (tenant_id, name_folded);

CREATE INDEX invitations_by_created ON invitations (tenant_id, created_at, id);

CREATE INDEX invitations_by_expiry ON invitations (expires_at);

CREATE UNIQUE INDEX invitations_public_id ON invitations (public_id);

CREATE INDEX kept_answers_by_time ON kept_answers (kept_at, key);

CREATE INDEX keys_by_app ON keys (tenant_id, app_id, created_at, id) WHERE app_id IS NOT NULL;

CREATE INDEX keys_by_created ON keys (tenant_id, created_at, id);

CREATE INDEX keys_by_expiry ON keys (expires_at);

CREATE INDEX keys_by_user ON keys (tenant_id, user_id, created_at, id) WHERE user_id IS NOT NULL;

CREATE UNIQUE INDEX keys_public_id ON keys (public_id);

CREATE INDEX memberships_by_user ON memberships (tenant_id, user_id, app_id);

CREATE INDEX package_blobs_by_blob ON package_blobs (tenant_id, repository, blob_id);

CREATE INDEX package_blobs_by_version ON package_blobs (tenant_id, version);

CREATE INDEX packages_by_updated ON packages (tenant_id, repository_id, updated_at, id) WHERE deleted_at IS NULL;

CREATE INDEX packages_deleted ON packages (deleted_at, tenant_id, repository_id, id) WHERE deleted_at IS NOT NULL;

CREATE UNIQUE INDEX packages_name ON packages (tenant_id, repository_id, name_key) WHERE deleted_at IS NULL;

CREATE UNIQUE INDEX packages_number ON packages (tenant_id, number);

CREATE INDEX policies_by_app ON policies (tenant_id, app_id) WHERE app_id IS NOT NULL;

CREATE INDEX policies_by_created ON policies (tenant_id, created_at, id) WHERE deleted_at IS NULL;

CREATE INDEX policies_deleted ON policies (deleted_at, tenant_id, id) WHERE deleted_at IS NOT NULL;

CREATE UNIQUE INDEX policies_name ON policies (tenant_id, name_folded) WHERE deleted_at IS NULL;

CREATE INDEX properties_by_value ON properties (tenant_id, repository_id, package_id, name, value);

CREATE INDEX provider_sign_ins_by_expiry ON provider_sign_ins (expires_at);

CREATE INDEX provider_sign_ins_by_provider ON provider_sign_ins (tenant_id, provider_id);

CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

CREATE INDEX refresh_tokens_by_session ON refresh_tokens (tenant_id, session_id, created_at, id);

CREATE UNIQUE INDEX refresh_tokens_public_id ON refresh_tokens (public_id);

CREATE INDEX repositories_by_app ON repositories (tenant_id, app_id, name);

CREATE INDEX repositories_by_created ON repositories (tenant_id, created_at, id) WHERE deleted_at IS NULL;

CREATE INDEX repositories_deleted ON repositories (deleted_at, tenant_id, id) WHERE deleted_at IS NOT NULL;

CREATE UNIQUE INDEX repositories_name ON repositories (tenant_id, name) WHERE deleted_at IS NULL;

CREATE UNIQUE INDEX repositories_number ON repositories (tenant_id, number);

CREATE INDEX reset_links_by_expiry ON reset_links (expires_at);

CREATE INDEX reset_links_by_user ON reset_links (tenant_id, user_id);

CREATE UNIQUE INDEX reset_links_public_id ON reset_links (public_id);

CREATE INDEX roles_by_created ON roles (tenant_id, created_at, id) WHERE deleted_at IS NULL;

CREATE INDEX roles_deleted ON roles (deleted_at, tenant_id, id) WHERE deleted_at IS NOT NULL;

CREATE UNIQUE INDEX roles_name ON roles (tenant_id, name_folded) WHERE deleted_at IS NULL;

CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE INDEX sessions_by_user ON sessions (tenant_id, user_id, created_at, id);

CREATE UNIQUE INDEX sessions_public_id ON sessions (public_id);

CREATE INDEX spent_tokens_by_expiry ON spent_tokens (expires_at);

CREATE INDEX staged_publications_by_expiry ON staged_publications (expires_at);

CREATE UNIQUE INDEX staged_publications_number ON staged_publications (tenant_id, number);

CREATE UNIQUE INDEX staged_publications_version ON staged_publications (tenant_id, repository_id, package_key, version_key);

CREATE INDEX tags_by_version ON tags (tenant_id, repository_id, package_id, version_id);

CREATE INDEX tenants_by_created ON tenants (created_at, id) WHERE deleted_at IS NULL;

CREATE INDEX tenants_by_name ON tenants (name_folded, id) WHERE deleted_at IS NULL;

CREATE INDEX tenants_deleted ON tenants (deleted_at, id) WHERE deleted_at IS NOT NULL;

CREATE UNIQUE INDEX tenants_domain ON tenants (domain) WHERE domain IS NOT NULL AND deleted_at IS NULL;

CREATE UNIQUE INDEX tenants_name ON tenants (name_folded) WHERE deleted_at IS NULL;

CREATE INDEX trusted_publishers_by_app ON trusted_publishers (tenant_id, app_id);

CREATE INDEX trusted_publishers_by_created ON trusted_publishers (tenant_id, created_at, id);

CREATE INDEX trusted_publishers_by_repository ON trusted_publishers (tenant_id, issuer, repository_id);

CREATE INDEX trusted_publishers_everywhere ON trusted_publishers (issuer, repository_id);

CREATE UNIQUE INDEX trusted_publishers_name ON trusted_publishers (tenant_id, name_folded);

CREATE INDEX uploads_by_expiry ON uploads (expires_at);

CREATE INDEX uploads_by_scope ON uploads (tenant_id, scope);

CREATE INDEX user_credentials_imported ON user_credentials (tenant_id, bcrypt_rounds) WHERE bcrypt_rounds IS NOT NULL;

CREATE INDEX user_identities_by_user ON user_identities (tenant_id, user_id, created_at, id) WHERE deleted_at IS NULL;

CREATE INDEX user_identities_deleted ON user_identities (deleted_at, tenant_id, id) WHERE deleted_at IS NOT NULL;

CREATE UNIQUE INDEX user_identities_provider ON user_identities (tenant_id, provider, provider_id) WHERE deleted_at IS NULL;

CREATE INDEX user_roles_by_role ON user_roles (tenant_id, role, user_id);

CREATE INDEX users_by_created ON users (tenant_id, created_at, id) WHERE deleted_at IS NULL;

CREATE INDEX users_deleted ON users (deleted_at, tenant_id, id) WHERE deleted_at IS NOT NULL;

CREATE UNIQUE INDEX users_email ON users (tenant_id, email_folded) WHERE email_folded IS NOT NULL AND deleted_at IS NULL;

CREATE UNIQUE INDEX users_username ON users (tenant_id, username_folded) WHERE deleted_at IS NULL;

CREATE INDEX versions_by_published ON versions (tenant_id, repository_id, package_id, published_at, id) WHERE deleted_at IS NULL;

CREATE INDEX versions_deleted ON versions (deleted_at, tenant_id, repository_id, package_id, id) WHERE deleted_at IS NOT NULL;

CREATE UNIQUE INDEX versions_name ON versions (tenant_id, repository_id, package_id, name_key) WHERE deleted_at IS NULL;

CREATE UNIQUE INDEX versions_number ON versions (tenant_id, number);

CREATE INDEX web_logins_by_client ON web_logins (client, expires_at);

CREATE INDEX web_logins_by_expiry ON web_logins (expires_at);

CREATE INDEX web_logins_by_tenant ON web_logins (tenant_id, expires_at);

CREATE INDEX web_logins_by_user ON web_logins (tenant_id, user_id);

CREATE UNIQUE INDEX web_logins_public_id ON web_logins (public_id);
