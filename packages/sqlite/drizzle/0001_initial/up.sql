CREATE TABLE `archon_crawled_pages` (
  `id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  `url` text NOT NULL,
  `chunk_number` integer NOT NULL,
  `content` text NOT NULL,
  `metadata` text DEFAULT '{}' NOT NULL,
  `source_id` text NOT NULL,
  `embedding_384` F32_BLOB(384),
  `embedding_768` F32_BLOB(768),
  `embedding_1024` F32_BLOB(1024),
  `embedding_1536` F32_BLOB(1536),
  `embedding_3072` F32_BLOB(3072),
  `llm_chat_model` text,
  `embedding_model` text,
  `embedding_dimension` integer,
  `created_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)) NOT NULL,
  `page_id` text(36),
  `title` text,
  `total_chunks` integer DEFAULT 1,
  FOREIGN KEY (`source_id`) REFERENCES `archon_sources`(`source_id`) ON UPDATE no action ON DELETE cascade,
  FOREIGN KEY (`page_id`) REFERENCES `archon_page_metadata`(`id`) ON UPDATE no action ON DELETE set null,
  CONSTRAINT "archon_crawled_pages_metadata_check" CHECK(json_valid("metadata")),
  CONSTRAINT "archon_crawled_pages_embedding_384_check" CHECK("embedding_384" is null or (typeof("embedding_384") = 'blob' and length("embedding_384") = 1536)),
  CONSTRAINT "archon_crawled_pages_embedding_768_check" CHECK("embedding_768" is null or (typeof("embedding_768") = 'blob' and length("embedding_768") = 3072)),
  CONSTRAINT "archon_crawled_pages_embedding_1024_check" CHECK("embedding_1024" is null or (typeof("embedding_1024") = 'blob' and length("embedding_1024") = 4096)),
  CONSTRAINT "archon_crawled_pages_embedding_1536_check" CHECK("embedding_1536" is null or (typeof("embedding_1536") = 'blob' and length("embedding_1536") = 6144)),
  CONSTRAINT "archon_crawled_pages_embedding_3072_check" CHECK("embedding_3072" is null or (typeof("embedding_3072") = 'blob' and length("embedding_3072") = 12288)),
  CONSTRAINT "archon_crawled_pages_page_id_check" CHECK(length("page_id") = 36)
);
--> statement-breakpoint
CREATE INDEX `idx_archon_crawled_pages_source_id` ON `archon_crawled_pages` (`source_id`);
--> statement-breakpoint
CREATE INDEX `idx_archon_crawled_pages_page_id` ON `archon_crawled_pages` (`page_id`);
--> statement-breakpoint
CREATE INDEX `idx_archon_crawled_pages_embedding_model` ON `archon_crawled_pages` (`embedding_model`);
--> statement-breakpoint
CREATE INDEX `idx_archon_crawled_pages_embedding_dimension` ON `archon_crawled_pages` (`embedding_dimension`);
--> statement-breakpoint
CREATE INDEX `idx_archon_crawled_pages_llm_chat_model` ON `archon_crawled_pages` (`llm_chat_model`);
--> statement-breakpoint
CREATE UNIQUE INDEX `archon_crawled_pages_url_chunk_number_key` ON `archon_crawled_pages` (`url`,`chunk_number`);
--> statement-breakpoint
CREATE TABLE `archon_code_examples` (
  `id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
  `url` text NOT NULL,
  `chunk_number` integer NOT NULL,
  `content` text NOT NULL,
  `summary` text NOT NULL,
  `metadata` text DEFAULT '{}' NOT NULL,
  `source_id` text NOT NULL,
  `embedding_384` F32_BLOB(384),
  `embedding_768` F32_BLOB(768),
  `embedding_1024` F32_BLOB(1024),
  `embedding_1536` F32_BLOB(1536),
  `embedding_3072` F32_BLOB(3072),
  `llm_chat_model` text,
  `embedding_model` text,
  `embedding_dimension` integer,
  `created_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)) NOT NULL,
  `file_path` text,
  `function_name` text,
  `class_name` text,
  `language` text(50),
  FOREIGN KEY (`source_id`) REFERENCES `archon_sources`(`source_id`) ON UPDATE no action ON DELETE cascade,
  CONSTRAINT "archon_code_examples_metadata_check" CHECK(json_valid("metadata")),
  CONSTRAINT "archon_code_examples_embedding_384_check" CHECK("embedding_384" is null or (typeof("embedding_384") = 'blob' and length("embedding_384") = 1536)),
  CONSTRAINT "archon_code_examples_embedding_768_check" CHECK("embedding_768" is null or (typeof("embedding_768") = 'blob' and length("embedding_768") = 3072)),
  CONSTRAINT "archon_code_examples_embedding_1024_check" CHECK("embedding_1024" is null or (typeof("embedding_1024") = 'blob' and length("embedding_1024") = 4096)),
  CONSTRAINT "archon_code_examples_embedding_1536_check" CHECK("embedding_1536" is null or (typeof("embedding_1536") = 'blob' and length("embedding_1536") = 6144)),
  CONSTRAINT "archon_code_examples_embedding_3072_check" CHECK("embedding_3072" is null or (typeof("embedding_3072") = 'blob' and length("embedding_3072") = 12288)),
  CONSTRAINT "archon_code_examples_language_check" CHECK(length("language") <= 50)
);
--> statement-breakpoint
CREATE INDEX `idx_archon_code_examples_source_id` ON `archon_code_examples` (`source_id`);
--> statement-breakpoint
CREATE INDEX `idx_archon_code_examples_embedding_model` ON `archon_code_examples` (`embedding_model`);
--> statement-breakpoint
CREATE INDEX `idx_archon_code_examples_embedding_dimension` ON `archon_code_examples` (`embedding_dimension`);
--> statement-breakpoint
CREATE INDEX `idx_archon_code_examples_llm_chat_model` ON `archon_code_examples` (`llm_chat_model`);
--> statement-breakpoint
CREATE UNIQUE INDEX `archon_code_examples_url_chunk_number_key` ON `archon_code_examples` (`url`,`chunk_number`);
--> statement-breakpoint
CREATE TABLE `archon_configured_repositories` (
  `id` text(36) PRIMARY KEY DEFAULT (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || '4' || substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))) NOT NULL,
  `repository_url` text NOT NULL,
  `display_name` text,
  `owner` text,
  `default_branch` text,
  `is_verified` integer DEFAULT false,
  `last_verified_at` integer,
  `default_sandbox_type` text DEFAULT 'git_worktree',
  `default_commands` text DEFAULT '["create-branch","planning","execute","commit","create-pr"]',
  `created_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)),
  `updated_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)),
  CONSTRAINT "archon_configured_repositories_id_check" CHECK(length("id") = 36),
  CONSTRAINT "archon_configured_repositories_is_verified_check" CHECK("is_verified" in (0, 1)),
  CONSTRAINT "archon_configured_repositories_default_sandbox_type_check" CHECK("default_sandbox_type" in ('git_worktree', 'full_clone', 'tmp_dir')),
  CONSTRAINT "archon_configured_repositories_default_commands_check" CHECK(json_valid("default_commands")),
  CONSTRAINT "archon_configured_repositories_repository_url_check" CHECK("repository_url" glob 'https://github.com/[A-Za-z0-9_-]*/[A-Za-z0-9_.-]*' and substr("repository_url", 20) not glob '*[^A-Za-z0-9_./-]*' and substr(substr("repository_url", 20), 1, instr(substr("repository_url", 20), '/')) not glob '*.*' and length(substr("repository_url", 20)) - length(replace(substr("repository_url", 20), '/', '')) = 1 + ("repository_url" glob '*/'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `idx_configured_repositories_url` ON `archon_configured_repositories` (`repository_url`);
--> statement-breakpoint
CREATE INDEX `idx_configured_repositories_verified` ON `archon_configured_repositories` (`is_verified`);
--> statement-breakpoint
CREATE INDEX `idx_configured_repositories_created_at` ON `archon_configured_repositories` ("created_at" desc);
--> statement-breakpoint
CREATE UNIQUE INDEX `archon_configured_repositories_repository_url_key` ON `archon_configured_repositories` (`repository_url`);
--> statement-breakpoint
CREATE TABLE `archon_document_versions` (
  `id` text(36) PRIMARY KEY DEFAULT (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || '4' || substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))) NOT NULL,
  `project_id` text(36),
  `task_id` text(36),
  `field_name` text NOT NULL,
  `version_number` integer NOT NULL,
  `content` text NOT NULL,
  `change_summary` text,
  `change_type` text DEFAULT 'update',
  `document_id` text,
  `created_by` text DEFAULT 'system',
  `created_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)),
  FOREIGN KEY (`project_id`) REFERENCES `archon_projects`(`id`) ON UPDATE no action ON DELETE cascade,
  FOREIGN KEY (`task_id`) REFERENCES `archon_tasks`(`id`) ON UPDATE no action ON DELETE cascade,
  CONSTRAINT "archon_document_versions_id_check" CHECK(length("id") = 36),
  CONSTRAINT "archon_document_versions_project_id_check" CHECK(length("project_id") = 36),
  CONSTRAINT "archon_document_versions_task_id_check" CHECK(length("task_id") = 36),
  CONSTRAINT "archon_document_versions_content_check" CHECK(json_valid("content")),
  CONSTRAINT "archon_document_versions_owner_check" CHECK(("project_id" is null) <> ("task_id" is null))
);
--> statement-breakpoint
CREATE INDEX `idx_archon_document_versions_project_id` ON `archon_document_versions` (`project_id`);
--> statement-breakpoint
CREATE INDEX `idx_archon_document_versions_task_id` ON `archon_document_versions` (`task_id`);
--> statement-breakpoint
CREATE INDEX `idx_archon_document_versions_field_name` ON `archon_document_versions` (`field_name`);
--> statement-breakpoint
CREATE INDEX `idx_archon_document_versions_version_number` ON `archon_document_versions` (`version_number`);
--> statement-breakpoint
CREATE INDEX `idx_archon_document_versions_created_at` ON `archon_document_versions` (`created_at`);
--> statement-breakpoint
CREATE UNIQUE INDEX `archon_document_versions_project_version_key` ON `archon_document_versions` (`project_id`,`field_name`,`version_number`);
--> statement-breakpoint
CREATE UNIQUE INDEX `archon_document_versions_task_version_key` ON `archon_document_versions` (`task_id`,`field_name`,`version_number`);
--> statement-breakpoint
CREATE TABLE `archon_migrations` (
  `id` text(36) PRIMARY KEY DEFAULT (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || '4' || substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))) NOT NULL,
  `version` text(20) NOT NULL,
  `migration_name` text(255) NOT NULL,
  `applied_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)),
  `checksum` text(32),
  CONSTRAINT "archon_migrations_id_check" CHECK(length("id") = 36),
  CONSTRAINT "archon_migrations_version_check" CHECK(length("version") <= 20),
  CONSTRAINT "archon_migrations_migration_name_check" CHECK(length("migration_name") <= 255),
  CONSTRAINT "archon_migrations_checksum_check" CHECK(length("checksum") <= 32)
);
--> statement-breakpoint
CREATE INDEX `idx_archon_migrations_version` ON `archon_migrations` (`version`);
--> statement-breakpoint
CREATE INDEX `idx_archon_migrations_applied_at` ON `archon_migrations` ("applied_at" desc);
--> statement-breakpoint
CREATE UNIQUE INDEX `archon_migrations_version_migration_name_key` ON `archon_migrations` (`version`,`migration_name`);
--> statement-breakpoint
CREATE TABLE `archon_page_metadata` (
  `id` text(36) PRIMARY KEY DEFAULT (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || '4' || substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))) NOT NULL,
  `source_id` text NOT NULL,
  `url` text NOT NULL,
  `full_content` text NOT NULL,
  `section_title` text,
  `section_order` integer DEFAULT 0,
  `word_count` integer NOT NULL,
  `char_count` integer NOT NULL,
  `chunk_count` integer DEFAULT 0 NOT NULL,
  `created_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)),
  `updated_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)),
  `metadata` text DEFAULT '{}',
  FOREIGN KEY (`source_id`) REFERENCES `archon_sources`(`source_id`) ON UPDATE no action ON DELETE cascade,
  CONSTRAINT "archon_page_metadata_id_check" CHECK(length("id") = 36),
  CONSTRAINT "archon_page_metadata_metadata_check" CHECK(json_valid("metadata"))
);
--> statement-breakpoint
CREATE INDEX `idx_archon_page_metadata_source_id` ON `archon_page_metadata` (`source_id`);
--> statement-breakpoint
CREATE INDEX `idx_archon_page_metadata_url` ON `archon_page_metadata` (`url`);
--> statement-breakpoint
CREATE INDEX `idx_archon_page_metadata_section` ON `archon_page_metadata` (`source_id`,`section_title`,`section_order`);
--> statement-breakpoint
CREATE INDEX `idx_archon_page_metadata_created_at` ON `archon_page_metadata` (`created_at`);
--> statement-breakpoint
CREATE UNIQUE INDEX `archon_page_metadata_url_unique` ON `archon_page_metadata` (`url`);
--> statement-breakpoint
CREATE TABLE `archon_project_sources` (
  `id` text(36) PRIMARY KEY DEFAULT (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || '4' || substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))) NOT NULL,
  `project_id` text(36),
  `source_id` text NOT NULL,
  `linked_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)),
  `created_by` text DEFAULT 'system',
  `notes` text,
  FOREIGN KEY (`project_id`) REFERENCES `archon_projects`(`id`) ON UPDATE no action ON DELETE cascade,
  CONSTRAINT "archon_project_sources_id_check" CHECK(length("id") = 36),
  CONSTRAINT "archon_project_sources_project_id_check" CHECK(length("project_id") = 36)
);
--> statement-breakpoint
CREATE INDEX `idx_archon_project_sources_project_id` ON `archon_project_sources` (`project_id`);
--> statement-breakpoint
CREATE INDEX `idx_archon_project_sources_source_id` ON `archon_project_sources` (`source_id`);
--> statement-breakpoint
CREATE UNIQUE INDEX `archon_project_sources_project_id_source_id_key` ON `archon_project_sources` (`project_id`,`source_id`);
--> statement-breakpoint
CREATE TABLE `archon_projects` (
  `id` text(36) PRIMARY KEY DEFAULT (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || '4' || substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))) NOT NULL,
  `title` text NOT NULL,
  `description` text DEFAULT '',
  `docs` text DEFAULT '[]',
  `features` text DEFAULT '[]',
  `data` text DEFAULT '[]',
  `github_repo` text,
  `pinned` integer DEFAULT false,
  `created_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)),
  `updated_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)),
  `prd` text DEFAULT '{}',
  CONSTRAINT "archon_projects_id_check" CHECK(length("id") = 36),
  CONSTRAINT "archon_projects_docs_check" CHECK(json_valid("docs")),
  CONSTRAINT "archon_projects_features_check" CHECK(json_valid("features")),
  CONSTRAINT "archon_projects_data_check" CHECK(json_valid("data")),
  CONSTRAINT "archon_projects_pinned_check" CHECK("pinned" in (0, 1)),
  CONSTRAINT "archon_projects_prd_check" CHECK(json_valid("prd"))
);
--> statement-breakpoint
CREATE TABLE `archon_prompts` (
  `id` text(36) PRIMARY KEY DEFAULT (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || '4' || substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))) NOT NULL,
  `prompt_name` text NOT NULL,
  `prompt` text NOT NULL,
  `description` text,
  `created_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)),
  `updated_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)),
  CONSTRAINT "archon_prompts_id_check" CHECK(length("id") = 36)
);
--> statement-breakpoint
CREATE INDEX `idx_archon_prompts_name` ON `archon_prompts` (`prompt_name`);
--> statement-breakpoint
CREATE UNIQUE INDEX `archon_prompts_prompt_name_key` ON `archon_prompts` (`prompt_name`);
--> statement-breakpoint
CREATE TABLE `archon_settings` (
  `id` text(36) PRIMARY KEY DEFAULT (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || '4' || substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))) NOT NULL,
  `key` text(255) NOT NULL,
  `value` text,
  `encrypted_value` text,
  `is_encrypted` integer DEFAULT false,
  `category` text(100),
  `description` text,
  `created_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)),
  `updated_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)),
  CONSTRAINT "archon_settings_id_check" CHECK(length("id") = 36),
  CONSTRAINT "archon_settings_key_check" CHECK(length("key") <= 255),
  CONSTRAINT "archon_settings_is_encrypted_check" CHECK("is_encrypted" in (0, 1)),
  CONSTRAINT "archon_settings_category_check" CHECK(length("category") <= 100)
);
--> statement-breakpoint
CREATE INDEX `idx_archon_settings_key` ON `archon_settings` (`key`);
--> statement-breakpoint
CREATE INDEX `idx_archon_settings_category` ON `archon_settings` (`category`);
--> statement-breakpoint
CREATE UNIQUE INDEX `archon_settings_key_key` ON `archon_settings` (`key`);
--> statement-breakpoint
CREATE TABLE `archon_sources` (
  `source_id` text PRIMARY KEY NOT NULL,
  `source_url` text,
  `source_display_name` text,
  `summary` text,
  `total_word_count` integer DEFAULT 0,
  `title` text,
  `metadata` text DEFAULT '{}',
  `created_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)) NOT NULL,
  `updated_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)) NOT NULL,
  `source_type` text(50),
  `status` text(50) DEFAULT 'completed',
  `error_message` text,
  `crawled_at` integer,
  CONSTRAINT "archon_sources_metadata_check" CHECK(json_valid("metadata")),
  CONSTRAINT "archon_sources_source_type_check" CHECK(length("source_type") <= 50),
  CONSTRAINT "archon_sources_status_check" CHECK(length("status") <= 50)
);
--> statement-breakpoint
CREATE INDEX `idx_archon_sources_title` ON `archon_sources` (`title`);
--> statement-breakpoint
CREATE INDEX `idx_archon_sources_url` ON `archon_sources` (`source_url`);
--> statement-breakpoint
CREATE INDEX `idx_archon_sources_display_name` ON `archon_sources` (`source_display_name`);
--> statement-breakpoint
CREATE INDEX `idx_archon_sources_knowledge_type` ON `archon_sources` (json_extract("metadata", '$.knowledge_type'));
--> statement-breakpoint
CREATE TABLE `archon_tasks` (
  `id` text(36) PRIMARY KEY DEFAULT (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || '4' || substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))) NOT NULL,
  `project_id` text(36),
  `parent_task_id` text(36),
  `title` text NOT NULL,
  `description` text DEFAULT '',
  `status` text DEFAULT 'todo',
  `assignee` text DEFAULT 'User',
  `task_order` integer DEFAULT 0,
  `priority` text DEFAULT 'medium' NOT NULL,
  `feature` text,
  `sources` text DEFAULT '[]',
  `code_examples` text DEFAULT '[]',
  `archived` integer DEFAULT false,
  `archived_at` integer,
  `archived_by` text,
  `created_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)),
  `updated_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)),
  FOREIGN KEY (`project_id`) REFERENCES `archon_projects`(`id`) ON UPDATE no action ON DELETE cascade,
  FOREIGN KEY (`parent_task_id`) REFERENCES `archon_tasks`(`id`) ON UPDATE no action ON DELETE cascade,
  CONSTRAINT "archon_tasks_id_check" CHECK(length("id") = 36),
  CONSTRAINT "archon_tasks_project_id_check" CHECK(length("project_id") = 36),
  CONSTRAINT "archon_tasks_parent_task_id_check" CHECK(length("parent_task_id") = 36),
  CONSTRAINT "archon_tasks_status_check" CHECK("status" in ('todo', 'doing', 'review', 'done')),
  CONSTRAINT "archon_tasks_priority_check" CHECK("priority" in ('low', 'medium', 'high', 'critical')),
  CONSTRAINT "archon_tasks_sources_check" CHECK(json_valid("sources")),
  CONSTRAINT "archon_tasks_code_examples_check" CHECK(json_valid("code_examples")),
  CONSTRAINT "archon_tasks_archived_check" CHECK("archived" in (0, 1)),
  CONSTRAINT "archon_tasks_assignee_check" CHECK("assignee" is not null and "assignee" <> '')
);
--> statement-breakpoint
CREATE INDEX `idx_archon_tasks_project_id` ON `archon_tasks` (`project_id`);
--> statement-breakpoint
CREATE INDEX `idx_archon_tasks_parent_task_id` ON `archon_tasks` (`parent_task_id`);
--> statement-breakpoint
CREATE INDEX `idx_archon_tasks_status` ON `archon_tasks` (`status`);
--> statement-breakpoint
CREATE INDEX `idx_archon_tasks_assignee` ON `archon_tasks` (`assignee`);
--> statement-breakpoint
CREATE INDEX `idx_archon_tasks_order` ON `archon_tasks` (`task_order`);
--> statement-breakpoint
CREATE INDEX `idx_archon_tasks_priority` ON `archon_tasks` (`priority`);
--> statement-breakpoint
CREATE INDEX `idx_archon_tasks_archived` ON `archon_tasks` (`archived`);
--> statement-breakpoint
CREATE INDEX `idx_archon_tasks_archived_at` ON `archon_tasks` (`archived_at`);
--> statement-breakpoint
CREATE TABLE `archon_vector_index` (
  `table_name` text(64) NOT NULL,
  `record_id` text(255) NOT NULL,
  `vector_service` text(50) DEFAULT 'local' NOT NULL,
  `external_id` text,
  `metadata` text DEFAULT '{}',
  `created_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)),
  PRIMARY KEY(`table_name`, `record_id`, `vector_service`),
  CONSTRAINT "archon_vector_index_table_name_check" CHECK(length("table_name") <= 64),
  CONSTRAINT "archon_vector_index_record_id_check" CHECK(length("record_id") <= 255),
  CONSTRAINT "archon_vector_index_vector_service_check" CHECK(length("vector_service") <= 50),
  CONSTRAINT "archon_vector_index_metadata_check" CHECK(json_valid("metadata"))
);
--> statement-breakpoint
CREATE TABLE `archon_agent_work_order_steps` (
  `id` text(36) PRIMARY KEY DEFAULT (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || '4' || substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))) NOT NULL,
  `agent_work_order_id` text NOT NULL,
  `step` text NOT NULL,
  `agent_name` text NOT NULL,
  `success` integer NOT NULL,
  `output` text,
  `error_message` text,
  `duration_seconds` real NOT NULL,
  `session_id` text,
  `executed_at` integer NOT NULL,
  `step_order` integer NOT NULL,
  FOREIGN KEY (`agent_work_order_id`) REFERENCES `archon_agent_work_orders`(`agent_work_order_id`) ON UPDATE no action ON DELETE cascade,
  CONSTRAINT "archon_agent_work_order_steps_id_check" CHECK(length("id") = 36),
  CONSTRAINT "archon_agent_work_order_steps_success_check" CHECK("success" in (0, 1))
);
--> statement-breakpoint
CREATE INDEX `idx_agent_work_order_steps_work_order_id` ON `archon_agent_work_order_steps` (`agent_work_order_id`);
--> statement-breakpoint
CREATE INDEX `idx_agent_work_order_steps_executed_at` ON `archon_agent_work_order_steps` (`executed_at`);
--> statement-breakpoint
CREATE TABLE `archon_agent_work_orders` (
  `agent_work_order_id` text PRIMARY KEY NOT NULL,
  `repository_url` text NOT NULL,
  `sandbox_identifier` text NOT NULL,
  `git_branch_name` text,
  `agent_session_id` text,
  `status` text NOT NULL,
  `metadata` text DEFAULT '{}',
  `created_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)),
  `updated_at` integer DEFAULT (cast(round(unixepoch('subsec') * 1000) as integer)),
  CONSTRAINT "archon_agent_work_orders_status_check" CHECK("status" in ('pending', 'running', 'completed', 'failed')),
  CONSTRAINT "archon_agent_work_orders_metadata_check" CHECK(json_valid("metadata"))
);
--> statement-breakpoint
CREATE INDEX `idx_agent_work_orders_status` ON `archon_agent_work_orders` (`status`);
--> statement-breakpoint
CREATE INDEX `idx_agent_work_orders_repository` ON `archon_agent_work_orders` (`repository_url`);
--> statement-breakpoint
CREATE INDEX `idx_agent_work_orders_created_at` ON `archon_agent_work_orders` ("created_at" desc);
--> statement-breakpoint
-- The words of archon_crawled_pages, kept in step by the triggers below. Written by hand, as is all that follows.
CREATE VIRTUAL TABLE archon_crawled_pages_fts USING fts5(
  content,
  content='archon_crawled_pages',
  content_rowid='id',
  tokenize='unicode61 remove_diacritics 0',
  prefix='2 3 4'
);
--> statement-breakpoint
CREATE TRIGGER archon_crawled_pages_fts_insert AFTER INSERT ON archon_crawled_pages
BEGIN
  INSERT INTO archon_crawled_pages_fts (rowid, content) VALUES (new.id, new.content);
END;
--> statement-breakpoint
CREATE TRIGGER archon_crawled_pages_fts_delete AFTER DELETE ON archon_crawled_pages
BEGIN
  INSERT INTO archon_crawled_pages_fts (archon_crawled_pages_fts, rowid, content) VALUES ('delete', old.id, old.content);
END;
--> statement-breakpoint
CREATE TRIGGER archon_crawled_pages_fts_update AFTER UPDATE OF id, content ON archon_crawled_pages
WHEN new.id is not old.id or new.content is not old.content
BEGIN
  INSERT INTO archon_crawled_pages_fts (archon_crawled_pages_fts, rowid, content) VALUES ('delete', old.id, old.content);
  INSERT INTO archon_crawled_pages_fts (rowid, content) VALUES (new.id, new.content);
END;
--> statement-breakpoint
CREATE VIRTUAL TABLE archon_code_examples_fts USING fts5(
  content, summary,
  content='archon_code_examples',
  content_rowid='id',
  tokenize='unicode61 remove_diacritics 0',
  prefix='2 3 4'
);
--> statement-breakpoint
CREATE TRIGGER archon_code_examples_fts_insert AFTER INSERT ON archon_code_examples
BEGIN
  INSERT INTO archon_code_examples_fts (rowid, content, summary) VALUES (new.id, new.content, new.summary);
END;
--> statement-breakpoint
CREATE TRIGGER archon_code_examples_fts_delete AFTER DELETE ON archon_code_examples
BEGIN
  INSERT INTO archon_code_examples_fts (archon_code_examples_fts, rowid, content, summary) VALUES ('delete', old.id, old.content, old.summary);
END;
--> statement-breakpoint
CREATE TRIGGER archon_code_examples_fts_update AFTER UPDATE OF id, content, summary ON archon_code_examples
WHEN new.id is not old.id or new.content is not old.content or new.summary is not old.summary
BEGIN
  INSERT INTO archon_code_examples_fts (archon_code_examples_fts, rowid, content, summary) VALUES ('delete', old.id, old.content, old.summary);
  INSERT INTO archon_code_examples_fts (rowid, content, summary) VALUES (new.id, new.content, new.summary);
END;
--> statement-breakpoint
-- updated_at moves with every change, strictly later than before, whatever the statement sets it to. RETURNING is answered
-- before triggers run: a statement that wants it right sets this very moment itself, and the trigger has nothing to do.
CREATE TRIGGER archon_settings_updated_at AFTER UPDATE ON archon_settings
WHEN new.updated_at IS NOT max(cast(round(unixepoch('subsec') * 1000) as integer), coalesce(old.updated_at, 0) + 1)
BEGIN
  UPDATE archon_settings SET updated_at = max(cast(round(unixepoch('subsec') * 1000) as integer), coalesce(old.updated_at, 0) + 1) WHERE rowid = new.rowid;
END;
--> statement-breakpoint
CREATE TRIGGER archon_sources_updated_at AFTER UPDATE ON archon_sources
WHEN new.updated_at IS NOT max(cast(round(unixepoch('subsec') * 1000) as integer), coalesce(old.updated_at, 0) + 1)
BEGIN
  UPDATE archon_sources SET updated_at = max(cast(round(unixepoch('subsec') * 1000) as integer), coalesce(old.updated_at, 0) + 1) WHERE rowid = new.rowid;
END;
--> statement-breakpoint
CREATE TRIGGER archon_page_metadata_updated_at AFTER UPDATE ON archon_page_metadata
WHEN new.updated_at IS NOT max(cast(round(unixepoch('subsec') * 1000) as integer), coalesce(old.updated_at, 0) + 1)
BEGIN
  UPDATE archon_page_metadata SET updated_at = max(cast(round(unixepoch('subsec') * 1000) as integer), coalesce(old.updated_at, 0) + 1) WHERE rowid = new.rowid;
END;
--> statement-breakpoint
CREATE TRIGGER archon_projects_updated_at AFTER UPDATE ON archon_projects
WHEN new.updated_at IS NOT max(cast(round(unixepoch('subsec') * 1000) as integer), coalesce(old.updated_at, 0) + 1)
BEGIN
  UPDATE archon_projects SET updated_at = max(cast(round(unixepoch('subsec') * 1000) as integer), coalesce(old.updated_at, 0) + 1) WHERE rowid = new.rowid;
END;
--> statement-breakpoint
CREATE TRIGGER archon_tasks_updated_at AFTER UPDATE ON archon_tasks
WHEN new.updated_at IS NOT max(cast(round(unixepoch('subsec') * 1000) as integer), coalesce(old.updated_at, 0) + 1)
BEGIN
  UPDATE archon_tasks SET updated_at = max(cast(round(unixepoch('subsec') * 1000) as integer), coalesce(old.updated_at, 0) + 1) WHERE rowid = new.rowid;
END;
--> statement-breakpoint
CREATE TRIGGER archon_prompts_updated_at AFTER UPDATE ON archon_prompts
WHEN new.updated_at IS NOT max(cast(round(unixepoch('subsec') * 1000) as integer), coalesce(old.updated_at, 0) + 1)
BEGIN
  UPDATE archon_prompts SET updated_at = max(cast(round(unixepoch('subsec') * 1000) as integer), coalesce(old.updated_at, 0) + 1) WHERE rowid = new.rowid;
END;
--> statement-breakpoint
CREATE TRIGGER archon_configured_repositories_updated_at AFTER UPDATE ON archon_configured_repositories
WHEN new.updated_at IS NOT max(cast(round(unixepoch('subsec') * 1000) as integer), coalesce(old.updated_at, 0) + 1)
BEGIN
  UPDATE archon_configured_repositories SET updated_at = max(cast(round(unixepoch('subsec') * 1000) as integer), coalesce(old.updated_at, 0) + 1) WHERE rowid = new.rowid;
END;
--> statement-breakpoint
CREATE TRIGGER archon_agent_work_orders_updated_at AFTER UPDATE ON archon_agent_work_orders
WHEN new.updated_at IS NOT max(cast(round(unixepoch('subsec') * 1000) as integer), coalesce(old.updated_at, 0) + 1)
BEGIN
  UPDATE archon_agent_work_orders SET updated_at = max(cast(round(unixepoch('subsec') * 1000) as integer), coalesce(old.updated_at, 0) + 1) WHERE rowid = new.rowid;
END;
