-- What the index of embeddings in each process follows: every change of a row that could hold one, written by triggers in
-- the transaction of the change itself, so that it counts whoever made it and vanishes with a rollback. Numbers are given
-- out before transactions commit: a reader must expect lower ones to appear later. Readers prune it.
CREATE TABLE `archon_vector_changes` (
  `seq` bigint NOT NULL AUTO_INCREMENT,
  `table_name` varchar(64) NOT NULL,
  `record_id` bigint NOT NULL,
  `changed_at` datetime(3) NOT NULL DEFAULT (utc_timestamp(3)),
  PRIMARY KEY (`seq`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4 COLLATE {{collation}};
--> statement-breakpoint
-- The log is never empty, so that a snapshot of an index can be told to belong to this history and no other.
INSERT INTO `archon_vector_changes` (`table_name`, `record_id`) VALUES ('archon_vector_changes', 0);
--> statement-breakpoint
CREATE TRIGGER `archon_crawled_pages_vector_insert` AFTER INSERT ON `archon_crawled_pages` FOR EACH ROW
  INSERT INTO `archon_vector_changes` (`table_name`, `record_id`) VALUES ('archon_crawled_pages', NEW.`id`);
--> statement-breakpoint
CREATE TRIGGER `archon_crawled_pages_vector_delete` AFTER DELETE ON `archon_crawled_pages` FOR EACH ROW
  INSERT INTO `archon_vector_changes` (`table_name`, `record_id`) VALUES ('archon_crawled_pages', OLD.`id`);
--> statement-breakpoint
CREATE TRIGGER `archon_crawled_pages_vector_update` AFTER UPDATE ON `archon_crawled_pages` FOR EACH ROW
  IF NOT (OLD.`id` <=> NEW.`id`
    AND OLD.`embedding_384` <=> NEW.`embedding_384`
    AND OLD.`embedding_768` <=> NEW.`embedding_768`
    AND OLD.`embedding_1024` <=> NEW.`embedding_1024`
    AND OLD.`embedding_1536` <=> NEW.`embedding_1536`
    AND OLD.`embedding_3072` <=> NEW.`embedding_3072`) THEN
    INSERT INTO `archon_vector_changes` (`table_name`, `record_id`) VALUES ('archon_crawled_pages', NEW.`id`);
    IF OLD.`id` <> NEW.`id` THEN
      INSERT INTO `archon_vector_changes` (`table_name`, `record_id`) VALUES ('archon_crawled_pages', OLD.`id`);
    END IF;
  END IF;
--> statement-breakpoint
CREATE TRIGGER `archon_code_examples_vector_insert` AFTER INSERT ON `archon_code_examples` FOR EACH ROW
  INSERT INTO `archon_vector_changes` (`table_name`, `record_id`) VALUES ('archon_code_examples', NEW.`id`);
--> statement-breakpoint
CREATE TRIGGER `archon_code_examples_vector_delete` AFTER DELETE ON `archon_code_examples` FOR EACH ROW
  INSERT INTO `archon_vector_changes` (`table_name`, `record_id`) VALUES ('archon_code_examples', OLD.`id`);
--> statement-breakpoint
CREATE TRIGGER `archon_code_examples_vector_update` AFTER UPDATE ON `archon_code_examples` FOR EACH ROW
  IF NOT (OLD.`id` <=> NEW.`id`
    AND OLD.`embedding_384` <=> NEW.`embedding_384`
    AND OLD.`embedding_768` <=> NEW.`embedding_768`
    AND OLD.`embedding_1024` <=> NEW.`embedding_1024`
    AND OLD.`embedding_1536` <=> NEW.`embedding_1536`
    AND OLD.`embedding_3072` <=> NEW.`embedding_3072`) THEN
    INSERT INTO `archon_vector_changes` (`table_name`, `record_id`) VALUES ('archon_code_examples', NEW.`id`);
    IF OLD.`id` <> NEW.`id` THEN
      INSERT INTO `archon_vector_changes` (`table_name`, `record_id`) VALUES ('archon_code_examples', OLD.`id`);
    END IF;
  END IF;
--> statement-breakpoint
-- Cascaded deletes fire no triggers, so the source's own tells what goes with it.
CREATE TRIGGER `archon_sources_vector_delete` BEFORE DELETE ON `archon_sources` FOR EACH ROW
BEGIN
  INSERT INTO `archon_vector_changes` (`table_name`, `record_id`)
    SELECT 'archon_crawled_pages', `id` FROM `archon_crawled_pages` WHERE `source_id` = OLD.`source_id`;
  INSERT INTO `archon_vector_changes` (`table_name`, `record_id`)
    SELECT 'archon_code_examples', `id` FROM `archon_code_examples` WHERE `source_id` = OLD.`source_id`;
END;
