DROP TABLE `archon_fulltext_start`;
