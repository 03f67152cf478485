#!/bin/sh
# Run a line of the Procfile: deploy/start.sh web|worker|release. It takes this process's
# place, and so hears when it is to stop.
set -eu
cd "$(dirname "$0")/.."
line=$(sed -n "s/^${1:?web, worker or release}: //p" Procfile)
case $line in
    "") echo "The Procfile has no line $1." >&2 && exit 2 ;;
    *"&&"*) exec sh -c "$line" ;;
    *) exec sh -c "exec $line" ;;
esac
