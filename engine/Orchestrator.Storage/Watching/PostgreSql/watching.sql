-- Files of watched folders.

-- name: put_file
INSERT INTO watched_files (path, content, needs, pipeline, problems, read_at) VALUES (@path, @content, @needs, @pipeline, @problems, @readAt)
ON CONFLICT (path) DO UPDATE SET content = excluded.content, needs = excluded.needs, pipeline = excluded.pipeline, problems = excluded.problems, read_at = excluded.read_at;

-- name: list_files
SELECT path, content, needs, pipeline, problems, read_at FROM watched_files ORDER BY path;

-- name: remove_file
DELETE FROM watched_files WHERE path = @path;
