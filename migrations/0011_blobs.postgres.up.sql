-- Bytes: which copies are stored, who was promised them, who needs them, and what is on its way in.

-- One row for each stored copy of bytes, whoever's they are; what names them is the store's key, (sha256, id).
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
    PRIMARY KEY (id)
);

-- One readable copy for each content.
CREATE UNIQUE INDEX blobs_sha256 ON blobs (sha256) WHERE withdrawn_at IS NULL;
CREATE INDEX blobs_by_review ON blobs (review_at) WHERE review_at IS NOT NULL;

-- What else the same bytes are called.
CREATE TABLE blob_digests (
    algorithm text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    blob_id bigint NOT NULL,
    PRIMARY KEY (algorithm, digest, blob_id),
    FOREIGN KEY (blob_id) REFERENCES blobs (id)
);

CREATE INDEX blob_digests_by_blob ON blob_digests (blob_id);

-- Promises to keep bytes that nothing names yet, each for one place of a tenant.
CREATE TABLE blob_leases (
    tenant_id text COLLATE "C" NOT NULL,
    scope text COLLATE "C" NOT NULL,
    blob_id bigint NOT NULL,
    until_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, scope, blob_id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    FOREIGN KEY (blob_id) REFERENCES blobs (id)
);

CREATE INDEX blob_leases_by_blob ON blob_leases (blob_id, until_at);
CREATE INDEX blob_leases_by_expiry ON blob_leases (until_at);

-- Who needs which bytes: the owner is the number of a version.
CREATE TABLE blob_uses (
    tenant_id text COLLATE "C" NOT NULL,
    owner bigint NOT NULL,
    blob_id bigint NOT NULL,
    PRIMARY KEY (tenant_id, owner, blob_id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    FOREIGN KEY (blob_id) REFERENCES blobs (id)
);

CREATE INDEX blob_uses_by_blob ON blob_uses (blob_id);

-- Upload sessions: how far each has come, so that any node can go on with it.
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
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id)
);

CREATE INDEX uploads_by_expiry ON uploads (expires_at);
