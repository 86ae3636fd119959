DROP TRIGGER `archon_sources_vector_delete`;
--> statement-breakpoint
DROP TRIGGER `archon_code_examples_vector_update`;
--> statement-breakpoint
DROP TRIGGER `archon_code_examples_vector_delete`;
--> statement-breakpoint
DROP TRIGGER `archon_code_examples_vector_insert`;
--> statement-breakpoint
DROP TRIGGER `archon_crawled_pages_vector_update`;
--> statement-breakpoint
DROP TRIGGER `archon_crawled_pages_vector_delete`;
--> statement-breakpoint
DROP TRIGGER `archon_crawled_pages_vector_insert`;
--> statement-breakpoint
DROP TABLE `archon_vector_changes`;
