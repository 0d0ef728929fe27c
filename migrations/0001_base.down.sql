-- Takes 0001_base back: everything that it recorded is lost.
-- lodestone: lint-ignore drop-table because this is the way back, for development
DROP TABLE outbox;
DROP TABLE audit;
DROP TABLE committed_units;
