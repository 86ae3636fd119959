-- What the index of embeddings in each process follows: every change of a row that could hold one, written by triggers in
-- the transaction of the change itself, so that it counts whoever made it and vanishes with a rollback.
CREATE TABLE archon_vector_changes (
  seq integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  table_name text NOT NULL,
  record_id integer NOT NULL,
  changed_at integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)) NOT NULL
);
--> statement-breakpoint
-- The log is never empty, so that a snapshot of an index can be told to belong to this history and no other.
INSERT INTO archon_vector_changes (table_name, record_id) VALUES ('archon_vector_changes', 0);
--> statement-breakpoint
-- Who has not looked for so long reads the table instead, which is no more work by then.
CREATE TRIGGER archon_vector_changes_prune AFTER INSERT ON archon_vector_changes WHEN new.seq % 1000 = 0
BEGIN
  DELETE FROM archon_vector_changes WHERE seq <= new.seq - 50000;
END;
--> statement-breakpoint
-- Rows without an embedding count as well: REPLACE may put one where a row with an embedding was, and fires no delete.
CREATE TRIGGER archon_crawled_pages_vector_insert AFTER INSERT ON archon_crawled_pages
BEGIN
  INSERT INTO archon_vector_changes (table_name, record_id) VALUES ('archon_crawled_pages', new.id);
END;
--> statement-breakpoint
CREATE TRIGGER archon_crawled_pages_vector_delete AFTER DELETE ON archon_crawled_pages
BEGIN
  INSERT INTO archon_vector_changes (table_name, record_id) VALUES ('archon_crawled_pages', old.id);
END;
--> statement-breakpoint
CREATE TRIGGER archon_crawled_pages_vector_update AFTER UPDATE OF id, embedding_384, embedding_768, embedding_1024, embedding_1536, embedding_3072 ON archon_crawled_pages
WHEN old.id <> new.id
  OR old.embedding_384 IS NOT new.embedding_384
  OR old.embedding_768 IS NOT new.embedding_768
  OR old.embedding_1024 IS NOT new.embedding_1024
  OR old.embedding_1536 IS NOT new.embedding_1536
  OR old.embedding_3072 IS NOT new.embedding_3072
BEGIN
  INSERT INTO archon_vector_changes (table_name, record_id) VALUES ('archon_crawled_pages', new.id);
  INSERT INTO archon_vector_changes (table_name, record_id) SELECT 'archon_crawled_pages', old.id WHERE old.id <> new.id;
END;
--> statement-breakpoint
CREATE TRIGGER archon_code_examples_vector_insert AFTER INSERT ON archon_code_examples
BEGIN
  INSERT INTO archon_vector_changes (table_name, record_id) VALUES ('archon_code_examples', new.id);
END;
--> statement-breakpoint
CREATE TRIGGER archon_code_examples_vector_delete AFTER DELETE ON archon_code_examples
BEGIN
  INSERT INTO archon_vector_changes (table_name, record_id) VALUES ('archon_code_examples', old.id);
END;
--> statement-breakpoint
CREATE TRIGGER archon_code_examples_vector_update AFTER UPDATE OF id, embedding_384, embedding_768, embedding_1024, embedding_1536, embedding_3072 ON archon_code_examples
WHEN old.id <> new.id
  OR old.embedding_384 IS NOT new.embedding_384
  OR old.embedding_768 IS NOT new.embedding_768
  OR old.embedding_1024 IS NOT new.embedding_1024
  OR old.embedding_1536 IS NOT new.embedding_1536
  OR old.embedding_3072 IS NOT new.embedding_3072
BEGIN
  INSERT INTO archon_vector_changes (table_name, record_id) VALUES ('archon_code_examples', new.id);
  INSERT INTO archon_vector_changes (table_name, record_id) SELECT 'archon_code_examples', old.id WHERE old.id <> new.id;
END;
