-- Bytes: which copies are stored, who was promised them, who needs them, and what is on its way in.

-- One row for each stored copy of bytes, whoever's they are; what names them is the store's key, (sha256, id).
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
    fault TEXT,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- One readable copy for each content.
CREATE UNIQUE INDEX blobs_sha256 ON blobs (sha256) WHERE withdrawn_at IS NULL;
CREATE INDEX blobs_by_review ON blobs (review_at) WHERE review_at IS NOT NULL;

-- What else the same bytes are called.
CREATE TABLE blob_digests (
    algorithm TEXT NOT NULL,
    digest BLOB NOT NULL,
    blob_id INTEGER NOT NULL,
    PRIMARY KEY (algorithm, digest, blob_id),
    FOREIGN KEY (blob_id) REFERENCES blobs (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX blob_digests_by_blob ON blob_digests (blob_id);

-- Promises to keep bytes that nothing names yet, each for one place of a tenant.
CREATE TABLE blob_leases (
    tenant_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    blob_id INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, scope, blob_id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    FOREIGN KEY (blob_id) REFERENCES blobs (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX blob_leases_by_blob ON blob_leases (blob_id, until_at);
CREATE INDEX blob_leases_by_expiry ON blob_leases (until_at);

-- Who needs which bytes: the owner is the number of a version.
CREATE TABLE blob_uses (
    tenant_id TEXT NOT NULL,
    owner INTEGER NOT NULL,
    blob_id INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, owner, blob_id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id),
    FOREIGN KEY (blob_id) REFERENCES blobs (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX blob_uses_by_blob ON blob_uses (blob_id);

-- Upload sessions: how far each has come, so that any node can go on with it.
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
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX uploads_by_expiry ON uploads (expires_at);
