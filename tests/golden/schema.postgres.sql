CREATE TABLE audit (
    id text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    tenant_id text COLLATE "C",
    actor text COLLATE "C" NOT NULL,
    request_id text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    details text COLLATE "C" NOT NULL,
    CONSTRAINT audit_pkey PRIMARY KEY (id)
);

CREATE TABLE committed_units (
    key text COLLATE "C" NOT NULL,
    committed_at bigint NOT NULL,
    CONSTRAINT committed_units_pkey PRIMARY KEY (key)
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

CREATE TABLE spent_ids (
    kind text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    CONSTRAINT spent_ids_pkey PRIMARY KEY (kind, id)
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
    CONSTRAINT tenants_pkey PRIMARY KEY (id)
);

CREATE INDEX audit_by_subject ON audit USING btree (tenant_id, subject, id);

CREATE INDEX audit_by_tenant ON audit USING btree (tenant_id, id);

CREATE INDEX committed_units_by_time ON committed_units USING btree (committed_at);

CREATE INDEX tenants_by_created ON tenants USING btree (created_at, id) WHERE (deleted_at IS NULL);

CREATE INDEX tenants_by_name ON tenants USING btree (name_folded, id) WHERE (deleted_at IS NULL);

CREATE INDEX tenants_deleted ON tenants USING btree (deleted_at, id) WHERE (deleted_at IS NOT NULL);

CREATE UNIQUE INDEX tenants_name ON tenants USING btree (name_folded) WHERE (deleted_at IS NULL);
