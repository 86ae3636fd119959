-- A row for each vector store outside the database that follows archon_vector_changes: how far it has got, and who is at it.
-- Without its row a store is filled anew, under new names.
CREATE TABLE archon_vector_stores (
  name text PRIMARY KEY NOT NULL,
  state text NOT NULL,
  lease text
);
