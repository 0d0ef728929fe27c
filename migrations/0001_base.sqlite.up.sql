-- What the program needs before it knows any noun: which writes are known to have happened, who did what, and
-- what others have yet to hear of.

-- The idempotency keys of committed units of work.
CREATE TABLE committed_units (
    key TEXT NOT NULL,
    committed_at INTEGER NOT NULL,
    PRIMARY KEY (key)
) STRICT, WITHOUT ROWID;

CREATE INDEX committed_units_by_time ON committed_units (committed_at);

-- Rows are added and never changed. Ids grow with time, so the order of ids is the order of events.
CREATE TABLE audit (
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    tenant_id TEXT,
    actor TEXT NOT NULL,
    request_id TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_by_tenant ON audit (tenant_id, id);
CREATE INDEX audit_by_subject ON audit (tenant_id, subject, id);

-- Events on their way out; a row goes when everybody has it.
CREATE TABLE outbox (
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    tenant_id TEXT,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
