-- A place among the tasks of a project and status is looked up, listed and shifted by these three together.
CREATE INDEX `idx_archon_tasks_place` ON `archon_tasks` (`project_id`, `status`, `task_order`);
