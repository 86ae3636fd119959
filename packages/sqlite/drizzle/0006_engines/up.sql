-- What this number brings elsewhere is for the planner of one engine and the full-text indexes of another. Nothing is
-- needed here; the number means the same schema everywhere.
SELECT 1;
