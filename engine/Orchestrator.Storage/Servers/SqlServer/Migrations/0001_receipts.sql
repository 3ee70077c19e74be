-- A row for each write operation that cannot be recognised by what it wrote: when the answer of a commit is lost, its receipt tells whether it is stored.
-- Rows are of no use after a minute, and are deleted a day later.
CREATE TABLE orc_receipts (
    id nvarchar(32) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
    at bigint NOT NULL
);

CREATE INDEX orc_receipts_by_age ON orc_receipts (at);
