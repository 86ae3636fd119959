DROP FUNCTION archon_weighed(boolean);
