-- What a look at a vector costs matters to PostgreSQL's planner alone; the number means the same schema everywhere.
SELECT 1;
