DROP TABLE `archon_vector_stores`;
