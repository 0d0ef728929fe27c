-- Answers to requests that carried an Idempotency-Key, so that a repeated one gets what the first one got.
CREATE TABLE kept_answers (
    key text COLLATE "C" NOT NULL,
    content text COLLATE "C" NOT NULL,
    body text COLLATE "C" NOT NULL,
    location text COLLATE "C" NOT NULL,
    etag text COLLATE "C" NOT NULL,
    kept_at bigint NOT NULL,
    PRIMARY KEY (key)
);

CREATE INDEX kept_answers_by_time ON kept_answers (kept_at, key);
