-- To look at a long vector means to fetch it from beside its row, which the planner does not count: it would rather read
-- every vector of a table than ask their index. A condition on a vector that passes through here costs what it is worth.
CREATE FUNCTION archon_weighed(holds boolean) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $weighed$
BEGIN
  RETURN holds;
END
$weighed$;
