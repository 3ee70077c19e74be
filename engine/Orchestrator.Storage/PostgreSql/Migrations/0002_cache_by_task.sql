-- Who asks why a task ran again looks for what the task left the last time.
CREATE INDEX cache_entries_by_task ON cache_entries (task, created_at);
