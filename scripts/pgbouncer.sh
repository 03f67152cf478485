#!/usr/bin/env bash
# Make sure a PgBouncer is there for the tests of several machines, and print its path.
set -euo pipefail

find_pgbouncer() {
    # Debian keeps it with the services, where only root looks.
    PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v pgbouncer
}

if [ -n "${PGBOUNCER:-}" ]; then
    echo "$PGBOUNCER"
elif find_pgbouncer; then
    :
elif [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ]; then
    # Debian would start it as a service too; the tests run their own.
    export RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends pgbouncer; } >&2
    find_pgbouncer
else
    echo "No PgBouncer here. Install the package pgbouncer, or name the program: PGBOUNCER=/path/to/pgbouncer" >&2
    exit 1
fi
