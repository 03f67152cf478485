#!/usr/bin/env bash
# Make sure a Chromium is there for the browser tests, and print its path. Nothing is
# printed when it is Playwright's own, which Playwright finds by itself.
set -euo pipefail
cd "$(dirname "$0")/.."

find_chromium() {
    command -v chromium || command -v chromium-browser ||
        command -v google-chrome || command -v google-chrome-stable
}

if [ -n "${CHROMIUM:-}" ]; then
    echo "$CHROMIUM"
elif find_chromium; then
    :
elif [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ]; then
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core; } >&2
    find_chromium
else
    .venv/bin/python -m playwright install chromium >&2
fi
