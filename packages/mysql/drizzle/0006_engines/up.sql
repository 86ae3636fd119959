-- Holds no rows. On MariaDB, transactions put one in and take it out again before they set their first savepoint: what
-- savepoints undo is undone in full-text indexes, too, only after something has been written to one.
CREATE TABLE `archon_fulltext_start` (
  `id` bigint NOT NULL AUTO_INCREMENT,
  `words` text NOT NULL,
  PRIMARY KEY (`id`),
  FULLTEXT INDEX `idx_archon_fulltext_start_words` (`words`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4 COLLATE {{collation}};
