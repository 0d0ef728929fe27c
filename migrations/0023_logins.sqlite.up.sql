-- Logins that a client has begun at a terminal and that somebody confirms on a page: what is asked for, and by whom it was confirmed.
-- Whether there is such a tenant nobody learns from beginning one, so tenant_id alone refers to nothing.
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

CREATE UNIQUE INDEX web_logins_public_id ON web_logins (public_id);
CREATE INDEX web_logins_by_tenant ON web_logins (tenant_id, expires_at);
CREATE INDEX web_logins_by_client ON web_logins (client, expires_at);
CREATE INDEX web_logins_by_user ON web_logins (tenant_id, user_id);
CREATE INDEX web_logins_by_expiry ON web_logins (expires_at);

-- For pipelines that ask the host itself, where no tenant is named.
CREATE INDEX trusted_publishers_everywhere ON trusted_publishers (issuer, repository_id);
