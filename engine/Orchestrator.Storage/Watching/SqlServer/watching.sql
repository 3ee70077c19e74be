-- Files of watched folders.

-- name: put_file
UPDATE watched_files WITH (UPDLOCK, HOLDLOCK) SET content = @content, needs = @needs, pipeline = @pipeline, problems = @problems, read_at = @readAt WHERE path = @path;
INSERT INTO watched_files (path, content, needs, pipeline, problems, read_at)
SELECT @path, @content, @needs, @pipeline, @problems, @readAt WHERE NOT EXISTS (SELECT 1 FROM watched_files WITH (UPDLOCK, HOLDLOCK) WHERE path = @path);

-- name: list_files
SELECT path, content, needs, pipeline, problems, read_at FROM watched_files ORDER BY path;

-- name: remove_file
DELETE FROM watched_files WHERE path = @path;
