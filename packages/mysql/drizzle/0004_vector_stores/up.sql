-- A row for each vector store outside the database that follows archon_vector_changes: how far it has got, and who is at it.
-- Without its row a store is filled anew, under new names.
CREATE TABLE `archon_vector_stores` (
  `name` varchar(50) NOT NULL,
  `state` longtext NOT NULL,
  `lease` varchar(64),
  PRIMARY KEY (`name`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4 COLLATE {{collation}};
