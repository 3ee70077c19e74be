-- A database that was restored from a backup: whoever had something in it has lost it.

-- name: release_runs
UPDATE runs SET owner = NULL, owner_host = NULL, owner_pid = NULL, owner_process_start = NULL, lease_until = NULL, epoch = epoch + 1 WHERE ended_at IS NULL;

-- name: free_slots
DELETE FROM slots;

-- name: empty_lines
DELETE FROM pool_line;

-- name: end_duties
UPDATE duties SET lease_until = 0;

-- name: list_unfinished
SELECT id FROM runs WHERE ended_at IS NULL ORDER BY id;
