DROP INDEX idx_archon_tasks_place;
