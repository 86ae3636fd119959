#!/bin/bash
# Runs once on a new replica: where the primary is. Replication starts with the server's next start, which follows.
set -euo pipefail

MYSQL_PWD="$MYSQL_ROOT_PASSWORD" mysql --user=root <<SQL
-- What setting this server up has written is nobody else's, and would be in the way of a later failover.
reset binary logs and gtids;
change replication source to
  source_host = '$PRIMARY_HOST',
  source_port = ${PRIMARY_PORT:-3306},
  source_user = 'replicator',
  source_password = '${REPLICATION_PASSWORD//\'/\'\'}',
  source_auto_position = 1,
  get_source_public_key = 1;
set persist super_read_only = on;
SQL
