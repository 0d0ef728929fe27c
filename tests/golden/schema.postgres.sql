CREATE TABLE advisories (
    id text COLLATE "C" NOT NULL,
    modified_at bigint NOT NULL,
    published_at bigint,
    withdrawn_at bigint,
    aliases text COLLATE "C" NOT NULL,
    summary text COLLATE "C" NOT NULL,
    details text COLLATE "C" NOT NULL,
    severity text COLLATE "C" NOT NULL,
    cvss_vector text COLLATE "C" NOT NULL,
    cwes text COLLATE "C" NOT NULL,
    url text COLLATE "C" NOT NULL,
    imported_at bigint NOT NULL,
    CONSTRAINT advisories_pkey PRIMARY KEY (id)
);

CREATE TABLE advisory_imports (
    id text COLLATE "C" NOT NULL,
    imported_at bigint NOT NULL,
    imported_by text COLLATE "C" NOT NULL,
    records bigint NOT NULL,
    added bigint NOT NULL,
    replaced bigint NOT NULL,
    withdrawn bigint NOT NULL,
    unchanged bigint NOT NULL,
    passed_over bigint NOT NULL,
    broken bigint NOT NULL,
    CONSTRAINT advisory_imports_pkey PRIMARY KEY (id)
);

CREATE TABLE advisory_packages (
    ecosystem text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    advisory_id text COLLATE "C" NOT NULL,
    affected text COLLATE "C" NOT NULL,
    CONSTRAINT advisory_packages_pkey PRIMARY KEY (ecosystem, name_key, advisory_id)
);

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
    CONSTRAINT apps_pkey PRIMARY KEY (tenant_id, id)
);

CREATE TABLE audit (
    id text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    tenant_id text COLLATE "C",
    actor text COLLATE "C" NOT NULL,
    request_id text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    details text COLLATE "C" NOT NULL,
    actor_tenant_id text COLLATE "C",
    source text COLLATE "C" NOT NULL DEFAULT 'system'::text,
    address text COLLATE "C" NOT NULL DEFAULT ''::text,
    agent text COLLATE "C" NOT NULL DEFAULT ''::text,
    key_id text COLLATE "C",
    session_id text COLLATE "C",
    result text COLLATE "C" NOT NULL DEFAULT 'ok'::text,
    CONSTRAINT audit_pkey PRIMARY KEY (id)
);

CREATE TABLE audit_chain (
    sequence bigint NOT NULL,
    entry_id text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    leaf text COLLATE "C" NOT NULL,
    head text COLLATE "C" NOT NULL,
    CONSTRAINT audit_chain_pkey PRIMARY KEY (sequence)
);

CREATE TABLE audit_head (
    log text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL,
    head text COLLATE "C" NOT NULL,
    purged_sequence bigint NOT NULL,
    purged_head text COLLATE "C" NOT NULL,
    CONSTRAINT audit_head_pkey PRIMARY KEY (log)
);

CREATE TABLE audit_pending (
    id text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    leaf text COLLATE "C" NOT NULL,
    CONSTRAINT audit_pending_pkey PRIMARY KEY (id)
);

CREATE TABLE blob_digests (
    algorithm text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    blob_id bigint NOT NULL,
    CONSTRAINT blob_digests_pkey PRIMARY KEY (algorithm, digest, blob_id)
);

CREATE TABLE blob_leases (
    tenant_id text COLLATE "C" NOT NULL,
    scope text COLLATE "C" NOT NULL,
    blob_id bigint NOT NULL,
    until_at bigint NOT NULL,
    CONSTRAINT blob_leases_pkey PRIMARY KEY (tenant_id, scope, blob_id)
);

CREATE TABLE blob_storage (
    number bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    named_at bigint NOT NULL,
    CONSTRAINT blob_storage_pkey PRIMARY KEY (number)
);

CREATE TABLE blob_uses (
    tenant_id text COLLATE "C" NOT NULL,
    owner bigint NOT NULL,
    blob_id bigint NOT NULL,
    CONSTRAINT blob_uses_pkey PRIMARY KEY (tenant_id, owner, blob_id)
);

CREATE TABLE blobs (
    id bigint NOT NULL,
    sha256 bytea NOT NULL,
    size_bytes bigint NOT NULL,
    state text COLLATE "C" NOT NULL,
    state_at bigint NOT NULL,
    withdrawn_at bigint,
    review_at bigint,
    created_at bigint NOT NULL,
    checked_at bigint,
    fault text COLLATE "C",
    copy_id bigint,
    CONSTRAINT blobs_pkey PRIMARY KEY (id)
);

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
    CONSTRAINT branches_pkey PRIMARY KEY (tenant_id, app_id, id)
);

CREATE TABLE chores (
    name text COLLATE "C" NOT NULL,
    next_at bigint NOT NULL,
    node text COLLATE "C" NOT NULL,
    CONSTRAINT chores_pkey PRIMARY KEY (name)
);

CREATE TABLE committed_units (
    key text COLLATE "C" NOT NULL,
    committed_at bigint NOT NULL,
    CONSTRAINT committed_units_pkey PRIMARY KEY (key)
);

CREATE TABLE download_totals (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    package_id text COLLATE "C" NOT NULL,
    version_id text COLLATE "C" NOT NULL,
    count bigint NOT NULL,
    last_day bigint NOT NULL,
    CONSTRAINT download_totals_pkey PRIMARY KEY (tenant_id, repository_id, package_id, version_id)
);

CREATE TABLE downloads (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    package_id text COLLATE "C" NOT NULL,
    version_id text COLLATE "C" NOT NULL,
    day bigint NOT NULL,
    count bigint NOT NULL,
    CONSTRAINT downloads_pkey PRIMARY KEY (tenant_id, repository_id, package_id, version_id, day)
);

CREATE TABLE files (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    package_id text COLLATE "C" NOT NULL,
    version_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    blob_id bigint NOT NULL,
    sha256 bytea NOT NULL,
    size_bytes bigint NOT NULL,
    content_type text COLLATE "C" NOT NULL,
    digests text COLLATE "C" NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    CONSTRAINT files_pkey PRIMARY KEY (tenant_id, repository_id, package_id, version_id, name)
);

CREATE TABLE fragments (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    package_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    version_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    body text COLLATE "C" NOT NULL,
    CONSTRAINT fragments_pkey PRIMARY KEY (tenant_id, repository_id, package_id, kind, version_id, name)
);

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
    CONSTRAINT identity_providers_pkey PRIMARY KEY (tenant_id, id)
);

CREATE TABLE installation (
    event text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    CONSTRAINT installation_pkey PRIMARY KEY (event)
);

CREATE TABLE installation_secrets (
    name text COLLATE "C" NOT NULL,
    mark text COLLATE "C" NOT NULL,
    noted_at bigint NOT NULL,
    CONSTRAINT installation_secrets_pkey PRIMARY KEY (name)
);

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
    CONSTRAINT invitations_pkey PRIMARY KEY (tenant_id, id)
);

CREATE TABLE kept_answers (
    key text COLLATE "C" NOT NULL,
    content text COLLATE "C" NOT NULL,
    body text COLLATE "C" NOT NULL,
    location text COLLATE "C" NOT NULL,
    etag text COLLATE "C" NOT NULL,
    kept_at bigint NOT NULL,
    CONSTRAINT kept_answers_pkey PRIMARY KEY (key)
);

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
    CONSTRAINT keys_pkey PRIMARY KEY (tenant_id, id)
);

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
    CONSTRAINT memberships_pkey PRIMARY KEY (tenant_id, app_id, user_id)
);

CREATE TABLE outbox (
    id text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    tenant_id text COLLATE "C",
    action text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    details text COLLATE "C" NOT NULL,
    CONSTRAINT outbox_pkey PRIMARY KEY (id)
);

CREATE TABLE package_blobs (
    tenant_id text COLLATE "C" NOT NULL,
    repository bigint NOT NULL,
    package bigint NOT NULL,
    blob_id bigint NOT NULL,
    version bigint NOT NULL,
    size_bytes bigint NOT NULL,
    CONSTRAINT package_blobs_pkey PRIMARY KEY (tenant_id, repository, package, blob_id, version)
);

CREATE TABLE package_words (
    tenant_id text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    keywords text COLLATE "C" NOT NULL,
    words tsvector NOT NULL,
    CONSTRAINT package_words_pkey PRIMARY KEY (tenant_id, number)
);

CREATE TABLE packages (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    keywords text COLLATE "C" NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    updated_by text COLLATE "C" NOT NULL,
    deleted_at bigint,
    deleted_by text COLLATE "C",
    published_description text COLLATE "C",
    published_keywords text COLLATE "C",
    traits text COLLATE "C" NOT NULL DEFAULT '[]'::text,
    first_published_at bigint NOT NULL DEFAULT 0,
    CONSTRAINT packages_pkey PRIMARY KEY (tenant_id, repository_id, id)
);

CREATE TABLE platform_admins (
    tenant_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    granted_at bigint NOT NULL,
    granted_by text COLLATE "C" NOT NULL,
    CONSTRAINT platform_admins_pkey PRIMARY KEY (tenant_id, user_id)
);

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
    CONSTRAINT policies_pkey PRIMARY KEY (tenant_id, id)
);

CREATE TABLE properties (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    package_id text COLLATE "C" NOT NULL,
    version_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    CONSTRAINT properties_pkey PRIMARY KEY (tenant_id, repository_id, package_id, version_id, name)
);

CREATE TABLE provider_sign_ins (
    tenant_id text COLLATE "C" NOT NULL,
    state_hash text COLLATE "C" NOT NULL,
    provider_id text COLLATE "C" NOT NULL,
    browser_hash text COLLATE "C" NOT NULL,
    nonce text COLLATE "C" NOT NULL,
    code_verifier text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    goes_on_at text COLLATE "C" NOT NULL DEFAULT ''::text,
    CONSTRAINT provider_sign_ins_pkey PRIMARY KEY (tenant_id, state_hash)
);

CREATE TABLE recovery_codes (
    tenant_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    code_hash text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    used_at bigint,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (tenant_id, user_id, code_hash)
);

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
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (tenant_id, id)
);

CREATE TABLE repositories (
    tenant_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    app_id text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    format text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    visibility text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    settings text COLLATE "C" NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    updated_by text COLLATE "C" NOT NULL,
    deleted_at bigint,
    deleted_by text COLLATE "C",
    upstream_secret text COLLATE "C",
    CONSTRAINT repositories_pkey PRIMARY KEY (tenant_id, id)
);

CREATE TABLE repository_usage (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    bytes bigint NOT NULL,
    package_count bigint NOT NULL,
    version_count bigint NOT NULL,
    file_count bigint NOT NULL,
    CONSTRAINT repository_usage_pkey PRIMARY KEY (tenant_id, repository_id)
);

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
    CONSTRAINT reset_links_pkey PRIMARY KEY (tenant_id, id)
);

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
    CONSTRAINT roles_pkey PRIMARY KEY (tenant_id, id)
);

CREATE TABLE schema_history (
    number bigint NOT NULL,
    version bigint,
    name text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    direction text COLLATE "C" NOT NULL,
    checksum text COLLATE "C" NOT NULL,
    chain text COLLATE "C" NOT NULL,
    statement_index bigint NOT NULL,
    started_at bigint NOT NULL,
    finished_at bigint,
    duration_ms bigint NOT NULL,
    applied_by text COLLATE "C" NOT NULL,
    program_version text COLLATE "C" NOT NULL,
    is_done boolean NOT NULL,
    CONSTRAINT schema_history_pkey PRIMARY KEY (number)
);

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
    CONSTRAINT sessions_pkey PRIMARY KEY (tenant_id, id)
);

CREATE TABLE spent_ids (
    kind text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    CONSTRAINT spent_ids_pkey PRIMARY KEY (kind, id)
);

CREATE TABLE spent_tokens (
    issuer text COLLATE "C" NOT NULL,
    token_id text COLLATE "C" NOT NULL,
    expires_at bigint NOT NULL,
    CONSTRAINT spent_tokens_pkey PRIMARY KEY (issuer, token_id)
);

CREATE TABLE staged_publications (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    package_name text COLLATE "C" NOT NULL,
    package_key text COLLATE "C" NOT NULL,
    version_name text COLLATE "C" NOT NULL,
    version_key text COLLATE "C" NOT NULL,
    tags text COLLATE "C" NOT NULL,
    facts text COLLATE "C" NOT NULL,
    size_bytes bigint NOT NULL,
    file_count bigint NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    expires_at bigint NOT NULL,
    content text COLLATE "C" NOT NULL,
    CONSTRAINT staged_publications_pkey PRIMARY KEY (tenant_id, repository_id, id)
);

CREATE TABLE tags (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    package_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    version_id text COLLATE "C" NOT NULL,
    version_name text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    updated_by text COLLATE "C" NOT NULL,
    CONSTRAINT tags_pkey PRIMARY KEY (tenant_id, repository_id, package_id, name)
);

CREATE TABLE tenant_owners (
    tenant_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    since bigint NOT NULL,
    granted_by text COLLATE "C" NOT NULL,
    CONSTRAINT tenant_owners_pkey PRIMARY KEY (tenant_id)
);

CREATE TABLE tenant_ownership_history (
    tenant_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    previous_owner text COLLATE "C",
    new_owner text COLLATE "C" NOT NULL,
    transferred_by text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    transferred_at bigint NOT NULL,
    transferred_by_tenant text COLLATE "C",
    CONSTRAINT tenant_ownership_history_pkey PRIMARY KEY (tenant_id, id)
);

CREATE TABLE tenants (
    id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    updated_by text COLLATE "C" NOT NULL,
    deleted_at bigint,
    deleted_by text COLLATE "C",
    domain text COLLATE "C",
    config text COLLATE "C" NOT NULL DEFAULT '{}'::text,
    settings text COLLATE "C" NOT NULL DEFAULT '{}'::text,
    CONSTRAINT tenants_pkey PRIMARY KEY (id)
);

CREATE TABLE tombstones (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    package_key text COLLATE "C" NOT NULL,
    version_key text COLLATE "C" NOT NULL,
    file_name text COLLATE "C" NOT NULL,
    sha256 bytea NOT NULL,
    removed_at bigint NOT NULL,
    removed_by text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    version_published_at bigint NOT NULL DEFAULT 0,
    package_published_at bigint NOT NULL DEFAULT 0,
    CONSTRAINT tombstones_pkey PRIMARY KEY (tenant_id, repository_id, package_key, version_key, file_name)
);

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
    CONSTRAINT trusted_publishers_pkey PRIMARY KEY (tenant_id, id)
);

CREATE TABLE uploads (
    tenant_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    scope text COLLATE "C" NOT NULL,
    holder text COLLATE "C",
    held_until bigint,
    blob_id bigint NOT NULL,
    size_bytes bigint NOT NULL,
    digest_state bytea NOT NULL,
    store_state text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    touched_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    ending_sha256 bytea,
    CONSTRAINT uploads_pkey PRIMARY KEY (tenant_id, id)
);

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
    bcrypt_rounds bigint,
    CONSTRAINT user_credentials_pkey PRIMARY KEY (tenant_id, user_id)
);

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
    CONSTRAINT user_identities_pkey PRIMARY KEY (tenant_id, id)
);

CREATE TABLE user_roles (
    tenant_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    granted_at bigint NOT NULL,
    granted_by text COLLATE "C" NOT NULL,
    CONSTRAINT user_roles_pkey PRIMARY KEY (tenant_id, user_id, role)
);

CREATE TABLE users (
    tenant_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    username text COLLATE "C" NOT NULL,
    username_folded text COLLATE "C" NOT NULL,
    email text COLLATE "C",
    email_folded text COLLATE "C",
    full_name text COLLATE "C" NOT NULL,
    full_name_folded text COLLATE "C" NOT NULL DEFAULT ''::text,
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
    CONSTRAINT users_pkey PRIMARY KEY (tenant_id, id)
);

CREATE TABLE versions (
    tenant_id text COLLATE "C" NOT NULL,
    repository_id text COLLATE "C" NOT NULL,
    package_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    yank_reason text COLLATE "C" NOT NULL,
    deprecation text COLLATE "C" NOT NULL,
    size_bytes bigint NOT NULL,
    file_count bigint NOT NULL,
    facts text COLLATE "C" NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    published_at bigint NOT NULL,
    published_by text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    updated_by text COLLATE "C" NOT NULL,
    deleted_at bigint,
    deleted_by text COLLATE "C",
    first_published_at bigint NOT NULL DEFAULT 0,
    CONSTRAINT versions_pkey PRIMARY KEY (tenant_id, repository_id, package_id, id)
);

CREATE TABLE web_logins (
    tenant_id text COLLATE "C" NOT NULL,
    public_id text COLLATE "C" NOT NULL,
    secret_hash text COLLATE "C" NOT NULL,
    format text COLLATE "C" NOT NULL,
    repository text COLLATE "C" NOT NULL,
    address text COLLATE "C" NOT NULL,
    client text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    user_id text COLLATE "C",
    confirmed_at bigint,
    CONSTRAINT web_logins_pkey PRIMARY KEY (tenant_id, public_id)
);

CREATE INDEX advisory_imports_by_time ON advisory_imports USING btree (imported_at, id);

CREATE INDEX advisory_packages_by_advisory ON advisory_packages USING btree (advisory_id);

CREATE INDEX apps_by_created ON apps USING btree (tenant_id, created_at, id) WHERE (deleted_at IS NULL);

CREATE INDEX apps_deleted ON apps USING btree (deleted_at, tenant_id, id) WHERE (deleted_at IS NOT NULL);

CREATE UNIQUE INDEX apps_name ON apps USING btree (tenant_id, name_folded) WHERE (deleted_at IS NULL);

CREATE INDEX audit_by_key ON audit USING btree (tenant_id, key_id, at, id) WHERE (key_id IS NOT NULL);

CREATE INDEX audit_by_subject ON audit USING btree (tenant_id, subject, id);

CREATE INDEX audit_by_tenant_time ON audit USING btree (tenant_id, at, id);

CREATE INDEX audit_by_time ON audit USING btree (at, id);

CREATE UNIQUE INDEX audit_chain_entry ON audit_chain USING btree (entry_id);

CREATE INDEX blob_digests_by_blob ON blob_digests USING btree (blob_id);

CREATE INDEX blob_leases_by_blob ON blob_leases USING btree (blob_id, until_at);

CREATE INDEX blob_leases_by_expiry ON blob_leases USING btree (until_at);

CREATE INDEX blob_uses_by_blob ON blob_uses USING btree (blob_id);

CREATE INDEX blobs_by_check ON blobs USING btree (COALESCE(checked_at, created_at), id) WHERE (withdrawn_at IS NULL);

CREATE INDEX blobs_by_copy ON blobs USING btree (copy_id) WHERE (copy_id IS NOT NULL);

CREATE INDEX blobs_by_review ON blobs USING btree (review_at) WHERE (review_at IS NOT NULL);

CREATE INDEX blobs_by_state ON blobs USING btree (state, size_bytes) WHERE (state <> 'live'::text);

CREATE UNIQUE INDEX blobs_quarantined ON blobs USING btree (sha256) WHERE (state = 'quarantined'::text);

CREATE UNIQUE INDEX blobs_sha256 ON blobs USING btree (sha256) WHERE (withdrawn_at IS NULL);

CREATE INDEX branches_by_created ON branches USING btree (tenant_id, app_id, created_at, id) WHERE (deleted_at IS NULL);

CREATE INDEX branches_by_name ON branches USING btree (tenant_id, app_id, name_folded, id) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX branches_code ON branches USING btree (tenant_id, app_id, code_folded) WHERE (deleted_at IS NULL);

CREATE INDEX branches_deleted ON branches USING btree (deleted_at, tenant_id, app_id, id) WHERE (deleted_at IS NOT NULL);

CREATE INDEX committed_units_by_time ON committed_units USING btree (committed_at);

CREATE INDEX fragments_by_version ON fragments USING btree (tenant_id, repository_id, package_id, version_id);

CREATE INDEX identity_providers_by_created ON identity_providers USING btree (tenant_id, created_at, id);

CREATE UNIQUE INDEX identity_providers_name ON identity_providers USING btree (tenant_id, name_folded);

CREATE INDEX invitations_by_created ON invitations USING btree (tenant_id, created_at, id);

CREATE INDEX invitations_by_expiry ON invitations USING btree (expires_at);

CREATE UNIQUE INDEX invitations_public_id ON invitations USING btree (public_id);

CREATE INDEX kept_answers_by_time ON kept_answers USING btree (kept_at, key);

CREATE INDEX keys_by_app ON keys USING btree (tenant_id, app_id, created_at, id) WHERE (app_id IS NOT NULL);

CREATE INDEX keys_by_created ON keys USING btree (tenant_id, created_at, id);

CREATE INDEX keys_by_expiry ON keys USING btree (expires_at);

CREATE INDEX keys_by_user ON keys USING btree (tenant_id, user_id, created_at, id) WHERE (user_id IS NOT NULL);

CREATE UNIQUE INDEX keys_public_id ON keys USING btree (public_id);

CREATE INDEX memberships_by_user ON memberships USING btree (tenant_id, user_id, app_id);

CREATE INDEX package_blobs_by_blob ON package_blobs USING btree (tenant_id, repository, blob_id);

CREATE INDEX package_blobs_by_version ON package_blobs USING btree (tenant_id, version);

CREATE INDEX package_words_by_word ON package_words USING gin (words);

CREATE INDEX packages_by_updated ON packages USING btree (tenant_id, repository_id, updated_at, id) WHERE (deleted_at IS NULL);

CREATE INDEX packages_deleted ON packages USING btree (deleted_at, tenant_id, repository_id, id) WHERE (deleted_at IS NOT NULL);

CREATE UNIQUE INDEX packages_name ON packages USING btree (tenant_id, repository_id, name_key) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX packages_number ON packages USING btree (tenant_id, number);

CREATE INDEX policies_by_app ON policies USING btree (tenant_id, app_id) WHERE (app_id IS NOT NULL);

CREATE INDEX policies_by_created ON policies USING btree (tenant_id, created_at, id) WHERE (deleted_at IS NULL);

CREATE INDEX policies_deleted ON policies USING btree (deleted_at, tenant_id, id) WHERE (deleted_at IS NOT NULL);

CREATE UNIQUE INDEX policies_name ON policies USING btree (tenant_id, name_folded) WHERE (deleted_at IS NULL);

CREATE INDEX properties_by_value ON properties USING btree (tenant_id, repository_id, package_id, name, value);

CREATE INDEX provider_sign_ins_by_expiry ON provider_sign_ins USING btree (expires_at);

CREATE INDEX provider_sign_ins_by_provider ON provider_sign_ins USING btree (tenant_id, provider_id);

CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens USING btree (expires_at);

CREATE INDEX refresh_tokens_by_session ON refresh_tokens USING btree (tenant_id, session_id, created_at, id);

CREATE UNIQUE INDEX refresh_tokens_public_id ON refresh_tokens USING btree (public_id);

CREATE INDEX repositories_by_app ON repositories USING btree (tenant_id, app_id, name);

CREATE INDEX repositories_by_created ON repositories USING btree (tenant_id, created_at, id) WHERE (deleted_at IS NULL);

CREATE INDEX repositories_deleted ON repositories USING btree (deleted_at, tenant_id, id) WHERE (deleted_at IS NOT NULL);

CREATE UNIQUE INDEX repositories_name ON repositories USING btree (tenant_id, name) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX repositories_number ON repositories USING btree (tenant_id, number);

CREATE INDEX reset_links_by_expiry ON reset_links USING btree (expires_at);

CREATE INDEX reset_links_by_user ON reset_links USING btree (tenant_id, user_id);

CREATE UNIQUE INDEX reset_links_public_id ON reset_links USING btree (public_id);

CREATE INDEX roles_by_created ON roles USING btree (tenant_id, created_at, id) WHERE (deleted_at IS NULL);

CREATE INDEX roles_deleted ON roles USING btree (deleted_at, tenant_id, id) WHERE (deleted_at IS NOT NULL);

CREATE UNIQUE INDEX roles_name ON roles USING btree (tenant_id, name_folded) WHERE (deleted_at IS NULL);

CREATE INDEX sessions_by_expiry ON sessions USING btree (expires_at);

CREATE INDEX sessions_by_user ON sessions USING btree (tenant_id, user_id, created_at, id);

CREATE UNIQUE INDEX sessions_public_id ON sessions USING btree (public_id);

CREATE INDEX spent_tokens_by_expiry ON spent_tokens USING btree (expires_at);

CREATE INDEX staged_publications_by_expiry ON staged_publications USING btree (expires_at);

CREATE UNIQUE INDEX staged_publications_number ON staged_publications USING btree (tenant_id, number);

CREATE UNIQUE INDEX staged_publications_version ON staged_publications USING btree (tenant_id, repository_id, package_key, version_key);

CREATE INDEX tags_by_version ON tags USING btree (tenant_id, repository_id, package_id, version_id);

CREATE INDEX tenants_by_created ON tenants USING btree (created_at, id) WHERE (deleted_at IS NULL);

CREATE INDEX tenants_by_name ON tenants USING btree (name_folded, id) WHERE (deleted_at IS NULL);

CREATE INDEX tenants_deleted ON tenants USING btree (deleted_at, id) WHERE (deleted_at IS NOT NULL);

CREATE UNIQUE INDEX tenants_domain ON tenants USING btree (domain) WHERE ((domain IS NOT NULL) AND (deleted_at IS NULL));

CREATE UNIQUE INDEX tenants_name ON tenants USING btree (name_folded) WHERE (deleted_at IS NULL);

CREATE INDEX trusted_publishers_by_app ON trusted_publishers USING btree (tenant_id, app_id);

CREATE INDEX trusted_publishers_by_created ON trusted_publishers USING btree (tenant_id, created_at, id);

CREATE INDEX trusted_publishers_by_repository ON trusted_publishers USING btree (tenant_id, issuer, repository_id);

CREATE INDEX trusted_publishers_everywhere ON trusted_publishers USING btree (issuer, repository_id);

CREATE UNIQUE INDEX trusted_publishers_name ON trusted_publishers USING btree (tenant_id, name_folded);

CREATE INDEX uploads_by_expiry ON uploads USING btree (expires_at);

CREATE INDEX uploads_by_scope ON uploads USING btree (tenant_id, scope);

CREATE INDEX user_credentials_imported ON user_credentials USING btree (tenant_id, bcrypt_rounds) WHERE (bcrypt_rounds IS NOT NULL);

CREATE INDEX user_identities_by_user ON user_identities USING btree (tenant_id, user_id, created_at, id) WHERE (deleted_at IS NULL);

CREATE INDEX user_identities_deleted ON user_identities USING btree (deleted_at, tenant_id, id) WHERE (deleted_at IS NOT NULL);

CREATE UNIQUE INDEX user_identities_provider ON user_identities USING btree (tenant_id, provider, provider_id) WHERE (deleted_at IS NULL);

CREATE INDEX user_roles_by_role ON user_roles USING btree (tenant_id, role, user_id);

CREATE INDEX users_by_created ON users USING btree (tenant_id, created_at, id) WHERE (deleted_at IS NULL);

CREATE INDEX users_deleted ON users USING btree (deleted_at, tenant_id, id) WHERE (deleted_at IS NOT NULL);

CREATE UNIQUE INDEX users_email ON users USING btree (tenant_id, email_folded) WHERE ((email_folded IS NOT NULL) AND (deleted_at IS NULL));

CREATE UNIQUE INDEX users_username ON users USING btree (tenant_id, username_folded) WHERE (deleted_at IS NULL);

CREATE INDEX versions_by_published ON versions USING btree (tenant_id, repository_id, package_id, published_at, id) WHERE (deleted_at IS NULL);

CREATE INDEX versions_deleted ON versions USING btree (deleted_at, tenant_id, repository_id, package_id, id) WHERE (deleted_at IS NOT NULL);

CREATE UNIQUE INDEX versions_name ON versions USING btree (tenant_id, repository_id, package_id, name_key) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX versions_number ON versions USING btree (tenant_id, number);

CREATE INDEX web_logins_by_client ON web_logins USING btree (client, expires_at);

CREATE INDEX web_logins_by_expiry ON web_logins USING btree (expires_at);

CREATE INDEX web_logins_by_tenant ON web_logins USING btree (tenant_id, expires_at);

CREATE INDEX web_logins_by_user ON web_logins USING btree (tenant_id, user_id);

CREATE UNIQUE INDEX web_logins_public_id ON web_logins USING btree (public_id);

ALTER TABLE advisory_packages ADD CONSTRAINT advisory_packages_advisory_id_fkey FOREIGN KEY (advisory_id) REFERENCES advisories(id);

ALTER TABLE apps ADD CONSTRAINT apps_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id);

ALTER TABLE blob_digests ADD CONSTRAINT blob_digests_blob_id_fkey FOREIGN KEY (blob_id) REFERENCES blobs(id);

ALTER TABLE blob_leases ADD CONSTRAINT blob_leases_blob_id_fkey FOREIGN KEY (blob_id) REFERENCES blobs(id);

ALTER TABLE blob_leases ADD CONSTRAINT blob_leases_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id);

ALTER TABLE blob_uses ADD CONSTRAINT blob_uses_blob_id_fkey FOREIGN KEY (blob_id) REFERENCES blobs(id);

ALTER TABLE blob_uses ADD CONSTRAINT blob_uses_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id);

ALTER TABLE branches ADD CONSTRAINT branches_tenant_id_app_id_fkey FOREIGN KEY (tenant_id, app_id) REFERENCES apps(tenant_id, id);

ALTER TABLE download_totals ADD CONSTRAINT download_totals_tenant_id_repository_id_package_id_version_fkey FOREIGN KEY (tenant_id, repository_id, package_id, version_id) REFERENCES versions(tenant_id, repository_id, package_id, id);

ALTER TABLE downloads ADD CONSTRAINT downloads_tenant_id_repository_id_package_id_version_id_fkey FOREIGN KEY (tenant_id, repository_id, package_id, version_id) REFERENCES versions(tenant_id, repository_id, package_id, id);

ALTER TABLE files ADD CONSTRAINT files_tenant_id_repository_id_package_id_version_id_fkey FOREIGN KEY (tenant_id, repository_id, package_id, version_id) REFERENCES versions(tenant_id, repository_id, package_id, id);

ALTER TABLE fragments ADD CONSTRAINT fragments_tenant_id_repository_id_package_id_version_id_fkey FOREIGN KEY (tenant_id, repository_id, package_id, version_id) REFERENCES versions(tenant_id, repository_id, package_id, id);

ALTER TABLE identity_providers ADD CONSTRAINT identity_providers_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id);

ALTER TABLE invitations ADD CONSTRAINT invitations_tenant_id_app_id_fkey FOREIGN KEY (tenant_id, app_id) REFERENCES apps(tenant_id, id);

ALTER TABLE invitations ADD CONSTRAINT invitations_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id);

ALTER TABLE keys ADD CONSTRAINT keys_tenant_id_app_id_fkey FOREIGN KEY (tenant_id, app_id) REFERENCES apps(tenant_id, id);

ALTER TABLE keys ADD CONSTRAINT keys_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users(tenant_id, id);

ALTER TABLE memberships ADD CONSTRAINT memberships_tenant_id_app_id_fkey FOREIGN KEY (tenant_id, app_id) REFERENCES apps(tenant_id, id);

ALTER TABLE memberships ADD CONSTRAINT memberships_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users(tenant_id, id);

ALTER TABLE packages ADD CONSTRAINT packages_tenant_id_repository_id_fkey FOREIGN KEY (tenant_id, repository_id) REFERENCES repositories(tenant_id, id);

ALTER TABLE platform_admins ADD CONSTRAINT platform_admins_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users(tenant_id, id);

ALTER TABLE policies ADD CONSTRAINT policies_tenant_id_app_id_fkey FOREIGN KEY (tenant_id, app_id) REFERENCES apps(tenant_id, id);

ALTER TABLE policies ADD CONSTRAINT policies_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id);

ALTER TABLE properties ADD CONSTRAINT properties_tenant_id_repository_id_package_id_fkey FOREIGN KEY (tenant_id, repository_id, package_id) REFERENCES packages(tenant_id, repository_id, id);

ALTER TABLE provider_sign_ins ADD CONSTRAINT provider_sign_ins_tenant_id_provider_id_fkey FOREIGN KEY (tenant_id, provider_id) REFERENCES identity_providers(tenant_id, id);

ALTER TABLE recovery_codes ADD CONSTRAINT recovery_codes_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users(tenant_id, id);

ALTER TABLE refresh_tokens ADD CONSTRAINT refresh_tokens_tenant_id_session_id_fkey FOREIGN KEY (tenant_id, session_id) REFERENCES sessions(tenant_id, id);

ALTER TABLE repositories ADD CONSTRAINT repositories_tenant_id_app_id_fkey FOREIGN KEY (tenant_id, app_id) REFERENCES apps(tenant_id, id);

ALTER TABLE repository_usage ADD CONSTRAINT repository_usage_tenant_id_repository_id_fkey FOREIGN KEY (tenant_id, repository_id) REFERENCES repositories(tenant_id, id);

ALTER TABLE reset_links ADD CONSTRAINT reset_links_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users(tenant_id, id);

ALTER TABLE roles ADD CONSTRAINT roles_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id);

ALTER TABLE sessions ADD CONSTRAINT sessions_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users(tenant_id, id);

ALTER TABLE staged_publications ADD CONSTRAINT staged_publications_tenant_id_repository_id_fkey FOREIGN KEY (tenant_id, repository_id) REFERENCES repositories(tenant_id, id);

ALTER TABLE tags ADD CONSTRAINT tags_tenant_id_repository_id_package_id_version_id_fkey FOREIGN KEY (tenant_id, repository_id, package_id, version_id) REFERENCES versions(tenant_id, repository_id, package_id, id);

ALTER TABLE tenant_owners ADD CONSTRAINT tenant_owners_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users(tenant_id, id);

ALTER TABLE tombstones ADD CONSTRAINT tombstones_tenant_id_repository_id_fkey FOREIGN KEY (tenant_id, repository_id) REFERENCES repositories(tenant_id, id);

ALTER TABLE trusted_publishers ADD CONSTRAINT trusted_publishers_tenant_id_app_id_fkey FOREIGN KEY (tenant_id, app_id) REFERENCES apps(tenant_id, id);

ALTER TABLE uploads ADD CONSTRAINT uploads_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id);

ALTER TABLE user_credentials ADD CONSTRAINT user_credentials_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users(tenant_id, id);

ALTER TABLE user_identities ADD CONSTRAINT user_identities_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users(tenant_id, id);

ALTER TABLE user_roles ADD CONSTRAINT user_roles_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users(tenant_id, id);

ALTER TABLE users ADD CONSTRAINT users_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id);

ALTER TABLE versions ADD CONSTRAINT versions_tenant_id_repository_id_package_id_fkey FOREIGN KEY (tenant_id, repository_id, package_id) REFERENCES packages(tenant_id, repository_id, id);

ALTER TABLE web_logins ADD CONSTRAINT web_logins_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users(tenant_id, id);
