DROP TABLE archon_vector_changes;
