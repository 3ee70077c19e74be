-- Receipts of write operations, on servers only: SQLite's commit is a call that answers.

-- name: insert_receipt
INSERT INTO orc_receipts (id, at) VALUES (@p0, @p1);

-- name: claim_receipt
-- Changes no row when the lost transaction was stored. When it is still being committed, its lock on the key makes this wait for its end; and once this is stored, it cannot be any more.
INSERT INTO orc_receipts (id, at)
SELECT @id, @at
WHERE NOT EXISTS (SELECT 1 FROM orc_receipts WITH (UPDLOCK, HOLDLOCK) WHERE id = @id);

-- name: forget_receipts
DELETE FROM orc_receipts WHERE at < @before;
