#!/bin/bash
# Runs once on the new primary: the account that replicas connect with, a slot for each, and leave to do so.
set -euo pipefail

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --quiet \
  --set password="$REPLICATION_PASSWORD" <<'SQL'
create role replicator with replication login password :'password';
select pg_create_physical_replication_slot('replica_1');
select pg_create_physical_replication_slot('replica_2');
SQL

# The line for "all" databases that the image writes does not cover replication.
echo 'host replication replicator all scram-sha-256' >> "$PGDATA/pg_hba.conf"
