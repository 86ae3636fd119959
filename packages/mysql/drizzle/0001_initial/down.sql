-- Children before parents. Indexes and triggers go with their tables.
DROP PROCEDURE `search_vectors`;
--> statement-breakpoint
DROP FUNCTION `calculate_cosine_similarity`;
--> statement-breakpoint
DROP FUNCTION `archon_float`;
--> statement-breakpoint
DROP TABLE `archon_vector_index`;
--> statement-breakpoint
DROP TABLE `archon_agent_work_order_steps`;
--> statement-breakpoint
DROP TABLE `archon_agent_work_orders`;
--> statement-breakpoint
DROP TABLE `archon_configured_repositories`;
--> statement-breakpoint
DROP TABLE `archon_prompts`;
--> statement-breakpoint
DROP TABLE `archon_migrations`;
--> statement-breakpoint
DROP TABLE `archon_document_versions`;
--> statement-breakpoint
DROP TABLE `archon_project_sources`;
--> statement-breakpoint
DROP TABLE `archon_tasks`;
--> statement-breakpoint
DROP TABLE `archon_projects`;
--> statement-breakpoint
DROP TABLE `archon_code_examples`;
--> statement-breakpoint
DROP TABLE `archon_crawled_pages`;
--> statement-breakpoint
DROP TABLE `archon_page_metadata`;
--> statement-breakpoint
DROP TABLE `archon_sources`;
--> statement-breakpoint
DROP TABLE `archon_settings`;
