-- Endpoints and deployments. All writes of one deployment or rollback stand in one transaction.

-- name: add_endpoint
INSERT INTO endpoints (name, current_number, last_number, created_at)
VALUES (@endpoint, NULL, 0, @now)
ON CONFLICT (name) DO NOTHING

-- name: lock_endpoint
-- The first write of every deployment: on databases with row locks it makes two of one endpoint take turns.
UPDATE endpoints SET last_number = last_number WHERE name = @endpoint

-- name: list_endpoints
SELECT e.name, e.created_at, d.endpoint, d.number, d.kind, d.status, d.model, d.version, d.alias, d.deployed_at, d.replaced, d.restores, d.fallback,
       d.run, d.task, d.attempt, d.reason
FROM endpoints e
LEFT JOIN deployments d ON d.endpoint = e.name AND d.number = e.current_number
ORDER BY e.name

-- name: history
SELECT endpoint, number, kind, status, model, version, alias, deployed_at, replaced, restores, fallback, run, task, attempt, reason
FROM deployments
WHERE endpoint = @endpoint
ORDER BY number

-- name: end_deployment
-- From "answers now" or "replaced" to what it is from now on; what was rolled back stays so.
UPDATE deployments
SET status = @status
WHERE endpoint = @endpoint AND number = @number AND status <> 'RolledBack'

-- name: add_deployment
INSERT INTO deployments (endpoint, number, kind, status, model, version, alias, deployed_at, replaced, restores, fallback, run, task, attempt, reason)
VALUES (@endpoint, @number, @kind, 'Active', @model, @version, @alias, @now, @replaced, @restores, @fallback, @run, @task, @attempt, @reason)

-- name: point_endpoint
-- Guarded by the number that was read, so that a lost race changes no row.
UPDATE endpoints
SET current_number = @number, last_number = @number
WHERE name = @endpoint AND last_number = @number - 1

-- name: find_answer
SELECT answer FROM deployment_requests WHERE idempotency_key = @key

-- name: add_answer
INSERT INTO deployment_requests (idempotency_key, answer, answered_at)
VALUES (@key, @answer, @now)

-- name: list_run_holds
-- The runs that put something behind an endpoint that answers now, or that a rollback would go back to.
SELECT d.run, 'endpoint ' || d.endpoint || ' answers with what it deployed, or would after a rollback' AS why
FROM deployments d
WHERE d.run IS NOT NULL
  AND (d.status = 'Active' OR EXISTS (SELECT 1 FROM deployments a WHERE a.endpoint = d.endpoint AND a.status = 'Active' AND a.fallback = d.number));
