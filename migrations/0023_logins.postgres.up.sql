-- Logins that a client has begun at a terminal and that somebody confirms on a page: what is asked for, and by whom it was confirmed.
-- Whether there is such a tenant nobody learns from beginning one, so tenant_id alone refers to nothing.
-- lodestone: lint-ignore non-concurrent-index because an installation trusts few pipelines
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
    PRIMARY KEY (tenant_id, public_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);

CREATE UNIQUE INDEX web_logins_public_id ON web_logins (public_id);
CREATE INDEX web_logins_by_tenant ON web_logins (tenant_id, expires_at);
CREATE INDEX web_logins_by_client ON web_logins (client, expires_at);
CREATE INDEX web_logins_by_user ON web_logins (tenant_id, user_id);
CREATE INDEX web_logins_by_expiry ON web_logins (expires_at);

-- For pipelines that ask the host itself, where no tenant is named.
CREATE INDEX trusted_publishers_everywhere ON trusted_publishers (issuer, repository_id);
