-- Lists over all experiments, newest first.
CREATE INDEX tracking_runs_by_start_alone ON tracking_runs (started_at DESC, id);
