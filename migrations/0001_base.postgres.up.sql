-- What the program needs before it knows any noun: which writes are known to have happened, who did what, and
-- what others have yet to hear of.

-- The idempotency keys of committed units of work.
CREATE TABLE committed_units (
    key text COLLATE "C" NOT NULL,
    committed_at bigint NOT NULL,
    PRIMARY KEY (key)
);

CREATE INDEX committed_units_by_time ON committed_units (committed_at);

-- Rows are added and never changed. Ids grow with time, so the order of ids is the order of events.
CREATE TABLE audit (
    id text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    tenant_id text COLLATE "C",
    actor text COLLATE "C" NOT NULL,
    request_id text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    details text COLLATE "C" NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX audit_by_tenant ON audit (tenant_id, id);
CREATE INDEX audit_by_subject ON audit (tenant_id, subject, id);

-- Events on their way out; a row goes when everybody has it.
CREATE TABLE outbox (
    id text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    tenant_id text COLLATE "C",
    action text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    details text COLLATE "C" NOT NULL,
    PRIMARY KEY (id)
);
