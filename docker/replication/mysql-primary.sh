#!/bin/bash
# Runs once on the new primary: the account that replicas connect with.
set -euo pipefail

MYSQL_PWD="$MYSQL_ROOT_PASSWORD" mysql --user=root <<SQL
create user 'replicator'@'%' identified by '${REPLICATION_PASSWORD//\'/\'\'}';
grant replication slave on *.* to 'replicator'@'%';
SQL
