-- Elsewhere an index beside the database follows this log. Here the database searches vectors itself and nothing writes to
-- it; the table stands so that a number means the same schema on every database.
CREATE TABLE archon_vector_changes (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  table_name varchar(64) NOT NULL,
  record_id bigint NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);
