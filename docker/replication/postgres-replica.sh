#!/bin/bash
# Starts a replica. The first time it copies the primary; later it goes on where it was.
set -euo pipefail

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  # An earlier copy that was cut short leaves files behind that would stop the next one.
  find "$PGDATA" -mindepth 1 -delete
  # The copied configuration keeps this password, to stream with from now on.
  PGPASSWORD="$REPLICATION_PASSWORD" pg_basebackup --pgdata "$PGDATA" --write-recovery-conf --wal-method=stream \
    --checkpoint=fast --host "$PRIMARY_HOST" --port "$PRIMARY_PORT" --username replicator --slot "$REPLICATION_SLOT"
  chmod 0700 "$PGDATA"
  if [ "$(id -u)" = 0 ]; then chown -R postgres: "$PGDATA"; fi
fi

exec docker-entrypoint.sh "$@"
