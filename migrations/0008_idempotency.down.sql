-- Takes 0008_idempotency back: requests that are repeated afterwards are new ones.
DROP TABLE kept_answers;
