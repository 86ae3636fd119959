-- A row for each vector store outside the database that follows archon_vector_changes: how far it has got, and who is at it.
-- Without its row a store is filled anew, under new names.
CREATE TABLE archon_vector_stores (
  name varchar(50) PRIMARY KEY,
  state text NOT NULL,
  lease varchar(64)
);
--> statement-breakpoint
ALTER TABLE archon_vector_stores ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY archon_server ON archon_vector_stores USING ((SELECT archon_request_role()) = 'service_role');
--> statement-breakpoint
-- The log is never empty, so that a place in it can be told to belong to this history and no other.
INSERT INTO archon_vector_changes (table_name, record_id) VALUES ('archon_vector_changes', 0);
--> statement-breakpoint
-- By the clock and not by the transaction's beginning: what is pruned must be older than any transaction that still runs.
-- The columns are not named in the trigger itself, or their types could not be changed when the vector extension arrives.
CREATE FUNCTION archon_log_vector_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.id = OLD.id
    AND NEW.embedding_384 IS NOT DISTINCT FROM OLD.embedding_384
    AND NEW.embedding_768 IS NOT DISTINCT FROM OLD.embedding_768
    AND NEW.embedding_1024 IS NOT DISTINCT FROM OLD.embedding_1024
    AND NEW.embedding_1536 IS NOT DISTINCT FROM OLD.embedding_1536
    AND NEW.embedding_3072 IS NOT DISTINCT FROM OLD.embedding_3072 THEN
    RETURN NULL;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO archon_vector_changes (table_name, record_id, changed_at) VALUES (TG_TABLE_NAME, OLD.id, clock_timestamp());
  END IF;
  IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.id <> OLD.id) THEN
    INSERT INTO archon_vector_changes (table_name, record_id, changed_at) VALUES (TG_TABLE_NAME, NEW.id, clock_timestamp());
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER archon_crawled_pages_vector_changes AFTER INSERT OR UPDATE OR DELETE ON archon_crawled_pages
  FOR EACH ROW EXECUTE FUNCTION archon_log_vector_change();
--> statement-breakpoint
CREATE TRIGGER archon_code_examples_vector_changes AFTER INSERT OR UPDATE OR DELETE ON archon_code_examples
  FOR EACH ROW EXECUTE FUNCTION archon_log_vector_change();
--> statement-breakpoint
-- Here the database searches vectors itself. Only when a store outside begins to follow, it enables these triggers; that
-- waits for the transactions which run without them.
ALTER TABLE archon_crawled_pages DISABLE TRIGGER archon_crawled_pages_vector_changes;
--> statement-breakpoint
ALTER TABLE archon_code_examples DISABLE TRIGGER archon_code_examples_vector_changes;
