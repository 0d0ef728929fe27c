-- Takes 0001_base back: everything that it recorded is lost.
DROP TABLE outbox;
DROP TABLE audit;
DROP TABLE committed_units;
