-- Answers to requests that carried an Idempotency-Key, so that a repeated one gets what the first one got.
CREATE TABLE kept_answers (
    key TEXT NOT NULL,
    content TEXT NOT NULL,
    body TEXT NOT NULL,
    location TEXT NOT NULL,
    etag TEXT NOT NULL,
    kept_at INTEGER NOT NULL,
    PRIMARY KEY (key)
) STRICT, WITHOUT ROWID;

CREATE INDEX kept_answers_by_time ON kept_answers (kept_at, key);
