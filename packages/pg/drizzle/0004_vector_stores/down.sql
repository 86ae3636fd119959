DROP TRIGGER archon_code_examples_vector_changes ON archon_code_examples;
--> statement-breakpoint
DROP TRIGGER archon_crawled_pages_vector_changes ON archon_crawled_pages;
--> statement-breakpoint
DROP FUNCTION archon_log_vector_change();
--> statement-breakpoint
DROP TABLE archon_vector_stores;
