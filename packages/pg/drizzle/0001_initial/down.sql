-- Children before parents. Indexes, triggers and policies go with their tables; the extensions stay.
DROP TABLE archon_vector_index;
--> statement-breakpoint
DROP TABLE archon_agent_work_order_steps;
--> statement-breakpoint
DROP TABLE archon_agent_work_orders;
--> statement-breakpoint
DROP TABLE archon_configured_repositories;
--> statement-breakpoint
DROP TABLE archon_prompts;
--> statement-breakpoint
DROP TABLE archon_migrations;
--> statement-breakpoint
DROP TABLE archon_document_versions;
--> statement-breakpoint
DROP TABLE archon_project_sources;
--> statement-breakpoint
DROP TABLE archon_tasks;
--> statement-breakpoint
DROP TABLE archon_projects;
--> statement-breakpoint
DROP TABLE archon_code_examples;
--> statement-breakpoint
DROP TABLE archon_crawled_pages;
--> statement-breakpoint
DROP TABLE archon_page_metadata;
--> statement-breakpoint
DROP TABLE archon_sources;
--> statement-breakpoint
DROP TABLE archon_settings;
--> statement-breakpoint
-- Which of these there are depends on the server.
DO $$
DECLARE
  own regprocedure;
BEGIN
  FOR own IN
    SELECT oid::regprocedure FROM pg_proc
    WHERE pronamespace = current_schema()::regnamespace AND proname = ANY (ARRAY[
      'archon_document_words', 'archon_words', 'archon_enable_vector', 'archon_request_role', 'update_updated_at_column',
      'detect_embedding_dimension', 'get_embedding_column_name', 'archive_task', 'search_archon_pages_fts',
      'match_archon_crawled_pages', 'match_archon_crawled_pages_multi',
      'match_archon_code_examples', 'match_archon_code_examples_multi',
      'hybrid_search_archon_crawled_pages', 'hybrid_search_archon_crawled_pages_multi',
      'hybrid_search_archon_code_examples', 'hybrid_search_archon_code_examples_multi'])
  LOOP
    EXECUTE 'DROP FUNCTION ' || own;
  END LOOP;
END
$$;
--> statement-breakpoint
DROP TYPE task_status;
--> statement-breakpoint
DROP TYPE task_priority;
