-- {{collation}} and {{json}} differ between MySQL and MariaDB: src/flavour.ts says what is put in their place. Keys, indexes
-- and the full-text indexes stand inside their tables, because DDL here commits statement by statement: the fewer, the better.
CREATE TABLE `archon_settings` (
  `id` char(36) NOT NULL DEFAULT (uuid()),
  `key` varchar(255) NOT NULL,
  `value` longtext,
  `encrypted_value` longtext,
  `is_encrypted` boolean DEFAULT false,
  `category` varchar(100),
  `description` longtext,
  `created_at` datetime(3) DEFAULT (utc_timestamp(3)),
  `updated_at` datetime(3) DEFAULT (utc_timestamp(3)),
  PRIMARY KEY (`id`),
  CONSTRAINT `archon_settings_key_key` UNIQUE (`key`),
  INDEX `idx_archon_settings_key` (`key`),
  INDEX `idx_archon_settings_category` (`category`),
  CONSTRAINT `archon_settings_is_encrypted_check` CHECK (`is_encrypted` in (0, 1))
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4 COLLATE {{collation}};
--> statement-breakpoint
CREATE TABLE `archon_sources` (
  `source_id` varchar(512) NOT NULL,
  `source_url` longtext,
  `source_display_name` longtext,
  `summary` longtext,
  `total_word_count` int DEFAULT 0,
  `title` longtext,
  `metadata` {{json}} DEFAULT ('{}'),
  `created_at` datetime(3) NOT NULL DEFAULT (utc_timestamp(3)),
  `updated_at` datetime(3) NOT NULL DEFAULT (utc_timestamp(3)),
  `source_type` varchar(50),
  `status` varchar(50) DEFAULT 'completed',
  `error_message` longtext,
  `crawled_at` datetime(3),
  PRIMARY KEY (`source_id`),
  INDEX `idx_archon_sources_title` (`title`(255)),
  INDEX `idx_archon_sources_url` (`source_url`(255)),
  INDEX `idx_archon_sources_display_name` (`source_display_name`(255)),
  CONSTRAINT `archon_sources_metadata_check` CHECK (json_valid(`metadata`) or char_length(`metadata`) - char_length(replace(replace(`metadata`, '[', ''), '{', '')) > 32)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4 COLLATE {{collation}};
--> statement-breakpoint
CREATE TABLE `archon_page_metadata` (
  `id` char(36) NOT NULL DEFAULT (uuid()),
  `source_id` varchar(512) NOT NULL,
  `url` longtext NOT NULL,
  `full_content` longtext NOT NULL,
  `section_title` longtext,
  `section_order` int DEFAULT 0,
  `word_count` int NOT NULL,
  `char_count` int NOT NULL,
  `chunk_count` int NOT NULL DEFAULT 0,
  `created_at` datetime(3) DEFAULT (utc_timestamp(3)),
  `updated_at` datetime(3) DEFAULT (utc_timestamp(3)),
  `metadata` {{json}} DEFAULT ('{}'),
  `url_hash` binary(32) GENERATED ALWAYS AS (unhex(sha2(`url`, 256))) STORED,
  PRIMARY KEY (`id`),
  CONSTRAINT `archon_page_metadata_url_unique` UNIQUE (`url_hash`),
  INDEX `idx_archon_page_metadata_source_id` (`source_id`),
  INDEX `idx_archon_page_metadata_url` (`url`(255)),
  INDEX `idx_archon_page_metadata_section` (`source_id`, `section_title`(255), `section_order`),
  INDEX `idx_archon_page_metadata_created_at` (`created_at`),
  CONSTRAINT `archon_page_metadata_source_id_fkey` FOREIGN KEY (`source_id`) REFERENCES `archon_sources` (`source_id`) ON DELETE CASCADE,
  CONSTRAINT `archon_page_metadata_metadata_check` CHECK (json_valid(`metadata`) or char_length(`metadata`) - char_length(replace(replace(`metadata`, '[', ''), '{', '')) > 32)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4 COLLATE {{collation}};
--> statement-breakpoint
CREATE TABLE `archon_crawled_pages` (
  `id` bigint AUTO_INCREMENT NOT NULL,
  `url` longtext NOT NULL,
  `chunk_number` int NOT NULL,
  `content` longtext NOT NULL,
  `metadata` {{json}} NOT NULL DEFAULT ('{}'),
  `source_id` varchar(512) NOT NULL,
  `embedding_384` blob(1536),
  `embedding_768` blob(3072),
  `embedding_1024` blob(4096),
  `embedding_1536` blob(6144),
  `embedding_3072` blob(12288),
  `llm_chat_model` longtext,
  `embedding_model` longtext,
  `embedding_dimension` int,
  `created_at` datetime(3) NOT NULL DEFAULT (utc_timestamp(3)),
  `page_id` char(36),
  `title` longtext,
  `total_chunks` int DEFAULT 1,
  `url_hash` binary(32) GENERATED ALWAYS AS (unhex(sha2(`url`, 256))) STORED,
  `content_words` longtext GENERATED ALWAYS AS (replace(replace(replace(lower(`content`), '_', ' '), '''', ' '), '۞', ' ')) STORED,
  PRIMARY KEY (`id`),
  CONSTRAINT `archon_crawled_pages_url_chunk_number_key` UNIQUE (`url_hash`, `chunk_number`),
  INDEX `idx_archon_crawled_pages_url` (`url`(255)),
  INDEX `idx_archon_crawled_pages_source_id` (`source_id`),
  INDEX `idx_archon_crawled_pages_page_id` (`page_id`),
  INDEX `idx_archon_crawled_pages_embedding_model` (`embedding_model`(255)),
  INDEX `idx_archon_crawled_pages_embedding_dimension` (`embedding_dimension`),
  INDEX `idx_archon_crawled_pages_llm_chat_model` (`llm_chat_model`(255)),
  FULLTEXT INDEX `idx_archon_crawled_pages_words` (`content_words`),
  CONSTRAINT `archon_crawled_pages_source_id_fkey` FOREIGN KEY (`source_id`) REFERENCES `archon_sources` (`source_id`) ON DELETE CASCADE,
  CONSTRAINT `archon_crawled_pages_page_id_fkey` FOREIGN KEY (`page_id`) REFERENCES `archon_page_metadata` (`id`) ON DELETE SET NULL,
  CONSTRAINT `archon_crawled_pages_metadata_check` CHECK (json_valid(`metadata`) or char_length(`metadata`) - char_length(replace(replace(`metadata`, '[', ''), '{', '')) > 32),
  CONSTRAINT `archon_crawled_pages_embedding_384_check` CHECK (length(`embedding_384`) = 1536),
  CONSTRAINT `archon_crawled_pages_embedding_768_check` CHECK (length(`embedding_768`) = 3072),
  CONSTRAINT `archon_crawled_pages_embedding_1024_check` CHECK (length(`embedding_1024`) = 4096),
  CONSTRAINT `archon_crawled_pages_embedding_1536_check` CHECK (length(`embedding_1536`) = 6144),
  CONSTRAINT `archon_crawled_pages_embedding_3072_check` CHECK (length(`embedding_3072`) = 12288)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4 COLLATE {{collation}};
--> statement-breakpoint
CREATE TABLE `archon_code_examples` (
  `id` bigint AUTO_INCREMENT NOT NULL,
  `url` longtext NOT NULL,
  `chunk_number` int NOT NULL,
  `content` longtext NOT NULL,
  `summary` longtext NOT NULL,
  `metadata` {{json}} NOT NULL DEFAULT ('{}'),
  `source_id` varchar(512) NOT NULL,
  `embedding_384` blob(1536),
  `embedding_768` blob(3072),
  `embedding_1024` blob(4096),
  `embedding_1536` blob(6144),
  `embedding_3072` blob(12288),
  `llm_chat_model` longtext,
  `embedding_model` longtext,
  `embedding_dimension` int,
  `created_at` datetime(3) NOT NULL DEFAULT (utc_timestamp(3)),
  `file_path` longtext,
  `function_name` longtext,
  `class_name` longtext,
  `language` varchar(50),
  `url_hash` binary(32) GENERATED ALWAYS AS (unhex(sha2(`url`, 256))) STORED,
  `content_words` longtext GENERATED ALWAYS AS (replace(replace(replace(lower(concat(`content`, ' ', `summary`)), '_', ' '), '''', ' '), '۞', ' ')) STORED,
  PRIMARY KEY (`id`),
  CONSTRAINT `archon_code_examples_url_chunk_number_key` UNIQUE (`url_hash`, `chunk_number`),
  INDEX `idx_archon_code_examples_url` (`url`(255)),
  INDEX `idx_archon_code_examples_source_id` (`source_id`),
  INDEX `idx_archon_code_examples_embedding_model` (`embedding_model`(255)),
  INDEX `idx_archon_code_examples_embedding_dimension` (`embedding_dimension`),
  INDEX `idx_archon_code_examples_llm_chat_model` (`llm_chat_model`(255)),
  FULLTEXT INDEX `idx_archon_code_examples_words` (`content_words`),
  CONSTRAINT `archon_code_examples_source_id_fkey` FOREIGN KEY (`source_id`) REFERENCES `archon_sources` (`source_id`) ON DELETE CASCADE,
  CONSTRAINT `archon_code_examples_metadata_check` CHECK (json_valid(`metadata`) or char_length(`metadata`) - char_length(replace(replace(`metadata`, '[', ''), '{', '')) > 32),
  CONSTRAINT `archon_code_examples_embedding_384_check` CHECK (length(`embedding_384`) = 1536),
  CONSTRAINT `archon_code_examples_embedding_768_check` CHECK (length(`embedding_768`) = 3072),
  CONSTRAINT `archon_code_examples_embedding_1024_check` CHECK (length(`embedding_1024`) = 4096),
  CONSTRAINT `archon_code_examples_embedding_1536_check` CHECK (length(`embedding_1536`) = 6144),
  CONSTRAINT `archon_code_examples_embedding_3072_check` CHECK (length(`embedding_3072`) = 12288)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4 COLLATE {{collation}};
--> statement-breakpoint
CREATE TABLE `archon_projects` (
  `id` char(36) NOT NULL DEFAULT (uuid()),
  `title` longtext NOT NULL,
  `description` longtext DEFAULT (''),
  `docs` {{json}} DEFAULT ('[]'),
  `features` {{json}} DEFAULT ('[]'),
  `data` {{json}} DEFAULT ('[]'),
  `github_repo` longtext,
  `pinned` boolean DEFAULT false,
  `created_at` datetime(3) DEFAULT (utc_timestamp(3)),
  `updated_at` datetime(3) DEFAULT (utc_timestamp(3)),
  `prd` {{json}} DEFAULT ('{}'),
  PRIMARY KEY (`id`),
  CONSTRAINT `archon_projects_docs_check` CHECK (json_valid(`docs`) or char_length(`docs`) - char_length(replace(replace(`docs`, '[', ''), '{', '')) > 32),
  CONSTRAINT `archon_projects_features_check` CHECK (json_valid(`features`) or char_length(`features`) - char_length(replace(replace(`features`, '[', ''), '{', '')) > 32),
  CONSTRAINT `archon_projects_data_check` CHECK (json_valid(`data`) or char_length(`data`) - char_length(replace(replace(`data`, '[', ''), '{', '')) > 32),
  CONSTRAINT `archon_projects_pinned_check` CHECK (`pinned` in (0, 1)),
  CONSTRAINT `archon_projects_prd_check` CHECK (json_valid(`prd`) or char_length(`prd`) - char_length(replace(replace(`prd`, '[', ''), '{', '')) > 32)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4 COLLATE {{collation}};
--> statement-breakpoint
CREATE TABLE `archon_tasks` (
  `id` char(36) NOT NULL DEFAULT (uuid()),
  `project_id` char(36),
  `parent_task_id` char(36),
  `title` longtext NOT NULL,
  `description` longtext DEFAULT (''),
  `status` enum('todo','doing','review','done') DEFAULT 'todo',
  `assignee` longtext DEFAULT ('User'),
  `task_order` int DEFAULT 0,
  `priority` enum('low','medium','high','critical') NOT NULL DEFAULT 'medium',
  `feature` longtext,
  `sources` {{json}} DEFAULT ('[]'),
  `code_examples` {{json}} DEFAULT ('[]'),
  `archived` boolean DEFAULT false,
  `archived_at` datetime(3),
  `archived_by` longtext,
  `created_at` datetime(3) DEFAULT (utc_timestamp(3)),
  `updated_at` datetime(3) DEFAULT (utc_timestamp(3)),
  PRIMARY KEY (`id`),
  INDEX `idx_archon_tasks_project_id` (`project_id`),
  INDEX `idx_archon_tasks_parent_task_id` (`parent_task_id`),
  INDEX `idx_archon_tasks_status` (`status`),
  INDEX `idx_archon_tasks_assignee` (`assignee`(255)),
  INDEX `idx_archon_tasks_order` (`task_order`),
  INDEX `idx_archon_tasks_priority` (`priority`),
  INDEX `idx_archon_tasks_archived` (`archived`),
  INDEX `idx_archon_tasks_archived_at` (`archived_at`),
  CONSTRAINT `archon_tasks_project_id_fkey` FOREIGN KEY (`project_id`) REFERENCES `archon_projects` (`id`) ON DELETE CASCADE,
  CONSTRAINT `archon_tasks_parent_task_id_fkey` FOREIGN KEY (`parent_task_id`) REFERENCES `archon_tasks` (`id`) ON DELETE CASCADE,
  CONSTRAINT `archon_tasks_sources_check` CHECK (json_valid(`sources`) or char_length(`sources`) - char_length(replace(replace(`sources`, '[', ''), '{', '')) > 32),
  CONSTRAINT `archon_tasks_code_examples_check` CHECK (json_valid(`code_examples`) or char_length(`code_examples`) - char_length(replace(replace(`code_examples`, '[', ''), '{', '')) > 32),
  CONSTRAINT `archon_tasks_archived_check` CHECK (`archived` in (0, 1)),
  CONSTRAINT `archon_tasks_assignee_check` CHECK (`assignee` is not null and `assignee` <> '')
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4 COLLATE {{collation}};
--> statement-breakpoint
CREATE TABLE `archon_project_sources` (
  `id` char(36) NOT NULL DEFAULT (uuid()),
  `project_id` char(36),
  `source_id` varchar(512) NOT NULL,
  `linked_at` datetime(3) DEFAULT (utc_timestamp(3)),
  `created_by` longtext DEFAULT ('system'),
  `notes` longtext,
  PRIMARY KEY (`id`),
  CONSTRAINT `archon_project_sources_project_id_source_id_key` UNIQUE (`project_id`, `source_id`),
  INDEX `idx_archon_project_sources_project_id` (`project_id`),
  INDEX `idx_archon_project_sources_source_id` (`source_id`),
  CONSTRAINT `archon_project_sources_project_id_fkey` FOREIGN KEY (`project_id`) REFERENCES `archon_projects` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4 COLLATE {{collation}};
--> statement-breakpoint
CREATE TABLE `archon_document_versions` (
  `id` char(36) NOT NULL DEFAULT (uuid()),
  `project_id` char(36),
  `task_id` char(36),
  `field_name` longtext NOT NULL,
  `version_number` int NOT NULL,
  `content` {{json}} NOT NULL,
  `change_summary` longtext,
  `change_type` longtext DEFAULT ('update'),
  `document_id` longtext,
  `created_by` longtext DEFAULT ('system'),
  `created_at` datetime(3) DEFAULT (utc_timestamp(3)),
  `field_name_hash` binary(32) GENERATED ALWAYS AS (unhex(sha2(`field_name`, 256))) STORED,
  PRIMARY KEY (`id`),
  CONSTRAINT `archon_document_versions_project_version_key` UNIQUE (`project_id`, `field_name_hash`, `version_number`),
  CONSTRAINT `archon_document_versions_task_version_key` UNIQUE (`task_id`, `field_name_hash`, `version_number`),
  INDEX `idx_archon_document_versions_project_id` (`project_id`),
  INDEX `idx_archon_document_versions_task_id` (`task_id`),
  INDEX `idx_archon_document_versions_field_name` (`field_name`(255)),
  INDEX `idx_archon_document_versions_version_number` (`version_number`),
  INDEX `idx_archon_document_versions_created_at` (`created_at`),
  CONSTRAINT `archon_document_versions_project_id_fkey` FOREIGN KEY (`project_id`) REFERENCES `archon_projects` (`id`) ON DELETE CASCADE,
  CONSTRAINT `archon_document_versions_task_id_fkey` FOREIGN KEY (`task_id`) REFERENCES `archon_tasks` (`id`) ON DELETE CASCADE,
  CONSTRAINT `archon_document_versions_content_check` CHECK (json_valid(`content`) or char_length(`content`) - char_length(replace(replace(`content`, '[', ''), '{', '')) > 32),
  CONSTRAINT `archon_document_versions_owner_check` CHECK ((`project_id` is null) <> (`task_id` is null))
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4 COLLATE {{collation}};
--> statement-breakpoint
CREATE TABLE `archon_migrations` (
  `id` char(36) NOT NULL DEFAULT (uuid()),
  `version` varchar(20) NOT NULL,
  `migration_name` varchar(255) NOT NULL,
  `applied_at` datetime(3) DEFAULT (utc_timestamp(3)),
  `checksum` varchar(32),
  PRIMARY KEY (`id`),
  CONSTRAINT `archon_migrations_version_migration_name_key` UNIQUE (`version`, `migration_name`),
  INDEX `idx_archon_migrations_version` (`version`),
  INDEX `idx_archon_migrations_applied_at` (`applied_at` desc)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4 COLLATE {{collation}};
--> statement-breakpoint
CREATE TABLE `archon_prompts` (
  `id` char(36) NOT NULL DEFAULT (uuid()),
  `prompt_name` longtext NOT NULL,
  `prompt` longtext NOT NULL,
  `description` longtext,
  `created_at` datetime(3) DEFAULT (utc_timestamp(3)),
  `updated_at` datetime(3) DEFAULT (utc_timestamp(3)),
  `prompt_name_hash` binary(32) GENERATED ALWAYS AS (unhex(sha2(`prompt_name`, 256))) STORED,
  PRIMARY KEY (`id`),
  CONSTRAINT `archon_prompts_prompt_name_key` UNIQUE (`prompt_name_hash`),
  INDEX `idx_archon_prompts_name` (`prompt_name`(255))
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4 COLLATE {{collation}};
--> statement-breakpoint
CREATE TABLE `archon_configured_repositories` (
  `id` char(36) NOT NULL DEFAULT (uuid()),
  `repository_url` longtext NOT NULL,
  `display_name` longtext,
  `owner` longtext,
  `default_branch` longtext,
  `is_verified` boolean DEFAULT false,
  `last_verified_at` datetime(3),
  `default_sandbox_type` longtext DEFAULT ('git_worktree'),
  `default_commands` {{json}} DEFAULT ('["create-branch", "planning", "execute", "commit", "create-pr"]'),
  `created_at` datetime(3) DEFAULT (utc_timestamp(3)),
  `updated_at` datetime(3) DEFAULT (utc_timestamp(3)),
  `repository_url_hash` binary(32) GENERATED ALWAYS AS (unhex(sha2(`repository_url`, 256))) STORED,
  PRIMARY KEY (`id`),
  CONSTRAINT `archon_configured_repositories_repository_url_key` UNIQUE (`repository_url_hash`),
  INDEX `idx_configured_repositories_url` (`repository_url`(255)),
  INDEX `idx_configured_repositories_verified` (`is_verified`),
  INDEX `idx_configured_repositories_created_at` (`created_at` desc),
  CONSTRAINT `archon_configured_repositories_is_verified_check` CHECK (`is_verified` in (0, 1)),
  CONSTRAINT `archon_configured_repositories_default_commands_check` CHECK (json_valid(`default_commands`) or char_length(`default_commands`) - char_length(replace(replace(`default_commands`, '[', ''), '{', '')) > 32),
  CONSTRAINT `archon_configured_repositories_default_sandbox_type_check` CHECK (`default_sandbox_type` in ('git_worktree', 'full_clone', 'tmp_dir')),
  CONSTRAINT `archon_configured_repositories_repository_url_check` CHECK (`repository_url` regexp '^https://github[.]com/[A-Za-z0-9_-]+/[A-Za-z0-9_.-]+/?$' and `repository_url` not regexp '[^A-Za-z0-9_./:-]')
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4 COLLATE {{collation}};
--> statement-breakpoint
CREATE TABLE `archon_agent_work_orders` (
  `agent_work_order_id` varchar(512) NOT NULL,
  `repository_url` longtext NOT NULL,
  `sandbox_identifier` longtext NOT NULL,
  `git_branch_name` longtext,
  `agent_session_id` longtext,
  `status` longtext NOT NULL,
  `metadata` {{json}} DEFAULT ('{}'),
  `created_at` datetime(3) DEFAULT (utc_timestamp(3)),
  `updated_at` datetime(3) DEFAULT (utc_timestamp(3)),
  PRIMARY KEY (`agent_work_order_id`),
  INDEX `idx_agent_work_orders_status` (`status`(255)),
  INDEX `idx_agent_work_orders_repository` (`repository_url`(255)),
  INDEX `idx_agent_work_orders_created_at` (`created_at` desc),
  CONSTRAINT `archon_agent_work_orders_metadata_check` CHECK (json_valid(`metadata`) or char_length(`metadata`) - char_length(replace(replace(`metadata`, '[', ''), '{', '')) > 32),
  CONSTRAINT `archon_agent_work_orders_status_check` CHECK (`status` in ('pending', 'running', 'completed', 'failed'))
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4 COLLATE {{collation}};
--> statement-breakpoint
CREATE TABLE `archon_agent_work_order_steps` (
  `id` char(36) NOT NULL DEFAULT (uuid()),
  `agent_work_order_id` varchar(512) NOT NULL,
  `step` longtext NOT NULL,
  `agent_name` longtext NOT NULL,
  `success` boolean NOT NULL,
  `output` longtext,
  `error_message` longtext,
  `duration_seconds` double NOT NULL,
  `session_id` longtext,
  `executed_at` datetime(3) NOT NULL,
  `step_order` int NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `idx_agent_work_order_steps_work_order_id` (`agent_work_order_id`),
  INDEX `idx_agent_work_order_steps_executed_at` (`executed_at`),
  CONSTRAINT `archon_agent_work_order_steps_agent_work_order_id_fkey` FOREIGN KEY (`agent_work_order_id`) REFERENCES `archon_agent_work_orders` (`agent_work_order_id`) ON DELETE CASCADE,
  CONSTRAINT `archon_agent_work_order_steps_success_check` CHECK (`success` in (0, 1))
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4 COLLATE {{collation}};
--> statement-breakpoint
CREATE TABLE `archon_vector_index` (
  `table_name` varchar(64) NOT NULL,
  `record_id` varchar(255) NOT NULL,
  `vector_service` varchar(50) NOT NULL DEFAULT 'local',
  `external_id` longtext,
  `metadata` {{json}} DEFAULT ('{}'),
  `created_at` datetime(3) DEFAULT (utc_timestamp(3)),
  PRIMARY KEY (`table_name`, `record_id`, `vector_service`),
  CONSTRAINT `archon_vector_index_metadata_check` CHECK (json_valid(`metadata`) or char_length(`metadata`) - char_length(replace(replace(`metadata`, '[', ''), '{', '')) > 32)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4 COLLATE {{collation}};
--> statement-breakpoint
-- updated_at moves with every change, strictly later than before, whatever the statement sets it to; ON UPDATE would not
-- fire for a row that is set to what it holds. Written by hand, as is all that follows.
CREATE TRIGGER `archon_settings_updated_at` BEFORE UPDATE ON `archon_settings` FOR EACH ROW
SET NEW.`updated_at` = GREATEST(UTC_TIMESTAMP(3), COALESCE(OLD.`updated_at` + INTERVAL 1000 MICROSECOND, UTC_TIMESTAMP(3)));
--> statement-breakpoint
CREATE TRIGGER `archon_sources_updated_at` BEFORE UPDATE ON `archon_sources` FOR EACH ROW
SET NEW.`updated_at` = GREATEST(UTC_TIMESTAMP(3), COALESCE(OLD.`updated_at` + INTERVAL 1000 MICROSECOND, UTC_TIMESTAMP(3)));
--> statement-breakpoint
CREATE TRIGGER `archon_page_metadata_updated_at` BEFORE UPDATE ON `archon_page_metadata` FOR EACH ROW
SET NEW.`updated_at` = GREATEST(UTC_TIMESTAMP(3), COALESCE(OLD.`updated_at` + INTERVAL 1000 MICROSECOND, UTC_TIMESTAMP(3)));
--> statement-breakpoint
CREATE TRIGGER `archon_projects_updated_at` BEFORE UPDATE ON `archon_projects` FOR EACH ROW
SET NEW.`updated_at` = GREATEST(UTC_TIMESTAMP(3), COALESCE(OLD.`updated_at` + INTERVAL 1000 MICROSECOND, UTC_TIMESTAMP(3)));
--> statement-breakpoint
CREATE TRIGGER `archon_tasks_updated_at` BEFORE UPDATE ON `archon_tasks` FOR EACH ROW
SET NEW.`updated_at` = GREATEST(UTC_TIMESTAMP(3), COALESCE(OLD.`updated_at` + INTERVAL 1000 MICROSECOND, UTC_TIMESTAMP(3)));
--> statement-breakpoint
CREATE TRIGGER `archon_prompts_updated_at` BEFORE UPDATE ON `archon_prompts` FOR EACH ROW
SET NEW.`updated_at` = GREATEST(UTC_TIMESTAMP(3), COALESCE(OLD.`updated_at` + INTERVAL 1000 MICROSECOND, UTC_TIMESTAMP(3)));
--> statement-breakpoint
CREATE TRIGGER `archon_configured_repositories_updated_at` BEFORE UPDATE ON `archon_configured_repositories` FOR EACH ROW
SET NEW.`updated_at` = GREATEST(UTC_TIMESTAMP(3), COALESCE(OLD.`updated_at` + INTERVAL 1000 MICROSECOND, UTC_TIMESTAMP(3)));
--> statement-breakpoint
CREATE TRIGGER `archon_agent_work_orders_updated_at` BEFORE UPDATE ON `archon_agent_work_orders` FOR EACH ROW
SET NEW.`updated_at` = GREATEST(UTC_TIMESTAMP(3), COALESCE(OLD.`updated_at` + INTERVAL 1000 MICROSECOND, UTC_TIMESTAMP(3)));
--> statement-breakpoint
-- The number in four bytes of an embedding: IEEE 754, single precision, little-endian.
CREATE FUNCTION `archon_float` (`bytes` BINARY(4)) RETURNS DOUBLE DETERMINISTIC NO SQL
BEGIN
  DECLARE `bits` BIGINT UNSIGNED DEFAULT CONV(HEX(REVERSE(`bytes`)), 16, 10);
  DECLARE `exponent` INT DEFAULT (`bits` >> 23) & 255;
  DECLARE `size` DOUBLE DEFAULT IF(`exponent` = 0, (`bits` & 8388607) * POW(2, -149), (8388608 | (`bits` & 8388607)) * POW(2, CAST(`exponent` AS SIGNED) - 150));
  RETURN IF(`bits` >> 31 = 1, -`size`, `size`);
END;
--> statement-breakpoint
-- Cosine similarity of two embeddings, in [-1, 1]; 0 where one has no direction, NULL where their lengths differ. Number by
-- number, so slow (some two milliseconds for a hundred numbers): for a look at the data by hand. The library does not use it.
CREATE FUNCTION `calculate_cosine_similarity` (`a` LONGBLOB, `b` LONGBLOB) RETURNS DOUBLE DETERMINISTIC NO SQL
BEGIN
  DECLARE `at` INT DEFAULT 1;
  DECLARE `x`, `y` DOUBLE;
  DECLARE `dot`, `norm_a`, `norm_b` DOUBLE DEFAULT 0;
  IF `a` IS NULL OR `b` IS NULL OR LENGTH(`a`) <> LENGTH(`b`) THEN
    RETURN NULL;
  END IF;
  WHILE `at` <= LENGTH(`a`) DO
    SET `x` = `archon_float`(SUBSTRING(`a`, `at`, 4)), `y` = `archon_float`(SUBSTRING(`b`, `at`, 4));
    SET `dot` = `dot` + `x` * `y`, `norm_a` = `norm_a` + `x` * `x`, `norm_b` = `norm_b` + `y` * `y`;
    SET `at` = `at` + 4;
  END WHILE;
  IF `norm_a` = 0 OR `norm_b` = 0 THEN
    RETURN 0;
  END IF;
  RETURN GREATEST(-1, LEAST(1, `dot` / (SQRT(`norm_a`) * SQRT(`norm_b`))));
END;
--> statement-breakpoint
-- The rows of a table nearest to an embedding, with their similarity; all sources when `source` is NULL. Compares with every
-- row: CALL search_vectors('archon_crawled_pages', (SELECT embedding_384 FROM archon_crawled_pages LIMIT 1), 5, NULL)
CREATE PROCEDURE `search_vectors` (IN `searched` VARCHAR(64), IN `query` LONGBLOB, IN `match_count` INT, IN `source` VARCHAR(512))
READS SQL DATA SQL SECURITY INVOKER
BEGIN
  DECLARE `dimension` INT DEFAULT LENGTH(`query`) DIV 4;
  IF `searched` NOT IN ('archon_crawled_pages', 'archon_code_examples') THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'search_vectors: archon_crawled_pages and archon_code_examples hold embeddings';
  END IF;
  IF `dimension` NOT IN (384, 768, 1024, 1536, 3072) OR LENGTH(`query`) % 4 <> 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'search_vectors: an embedding has 384, 768, 1024, 1536 or 3072 numbers';
  END IF;
  SET @archon_query = `query`, @archon_source = `source`, @archon_count = `match_count`;
  SET @archon_search = CONCAT(
    'SELECT id, url, chunk_number, content, metadata, source_id, similarity FROM (',
    'SELECT id, url, chunk_number, content, metadata, source_id, calculate_cosine_similarity(embedding_', `dimension`, ', @archon_query) AS similarity ',
    'FROM ', `searched`, ' WHERE embedding_', `dimension`, ' IS NOT NULL',
    IF(`source` IS NULL, '', ' AND source_id = @archon_source'),
    ') AS found ORDER BY similarity DESC, id LIMIT ?');
  PREPARE `archon_search` FROM @archon_search;
  EXECUTE `archon_search` USING @archon_count;
  DEALLOCATE PREPARE `archon_search`;
  SET @archon_query = NULL, @archon_source = NULL, @archon_count = NULL, @archon_search = NULL;
END;
