#!/usr/bin/env bash
# The project's checks, each named before it runs; the first that fails ends the run.
# Usage: scripts/checks.sh lint|unit|e2e|screenshots|scale|all [pytest arguments]
set -euo pipefail
cd "$(dirname "$0")/.."
python=.venv/bin/python

step() {
    local name=$1
    shift
    printf '\n== %s\n' "$name"
    "$@" || {
        printf '\nFAILED: %s\n' "$name" >&2
        exit 1
    }
}

# Settings as in production, apart from any .env: `check --deploy` judges these.
production() {
    env -u DEMO -u DEBUG ENV_FILE= SECRET_KEY="$(random_text)" AGENT_API_KEY="$(random_text)" \
        ALLOWED_HOSTS=example.com DATABASE_URL=postgresql://parley@db.example.com/parley "$@"
}

# Settings of the demo, with a database of its own: makemigrations compares with one.
demo() {
    env -u DATABASE_URL ENV_FILE= DEMO=true SECRET_KEY="$(random_text)" \
        AGENT_API_KEY="$(random_text)" VAR_DIR="$PWD/var/checks" "$@"
}

random_text() {
    $python -c 'import secrets; print(secrets.token_urlsafe(48))'
}

check_templates() {
    git ls-files -z --cached --others --exclude-standard -- 'templates/*.html' '*/templates/*.html' |
        xargs -0 -r .venv/bin/djade --check --target-version 5.2
}

lint() {
    step "ruff check" .venv/bin/ruff check .
    step "ruff format" .venv/bin/ruff format --check .
    step "djade" check_templates
    step "mypy" demo $python -m mypy
    step "makemigrations --check" demo $python manage.py makemigrations --check --dry-run
    step "check --deploy" production $python manage.py check --deploy --fail-level WARNING
}

# "python -m" puts the project's folder on the path before the plugin tests.pg is loaded.
unit() {
    step "pytest without a browser" $python -m pytest --ignore=tests/e2e -m "not e2e and not scale and not faults" "$@"
}

e2e() {
    CHROMIUM=$(scripts/chromium.sh)
    export CHROMIUM
    step "pytest in a browser" $python -m pytest tests/e2e tests/core/test_portal.py "$@"
}

# The printed table says what the simulated agents met.
scale() {
    PGBOUNCER=$(scripts/pgbouncer.sh)
    export PGBOUNCER
    step "several machines" $python -m pytest tests/scaling -s "$@"
}

# All pages go to var/screenshots, to be looked at; two of them stand in the README.
# The same tests without the variable look at fewer windows, and take no pictures.
screenshots() {
    export PARLEY_SCREENSHOTS=1
    e2e -m screenshots "$@"
    mkdir -p docs/img
    cp var/screenshots/phone-light-en/question.png docs/img/candidate.png
    cp var/screenshots/desktop-light-en/admin-interview-top.png docs/img/admin.png
}

# Tests wait for pages, servers and databases half of their time, so they run in three lanes
# side by side, each with a database server of its own: those in a browser, and two halves
# of those without one, after which come the look of every page, and the portal from its
# first command to its end. A folder that is in neither half is run in all lanes.
FIRST_HALF="accounts bench candidates config fake_elevenlabs interviews reviews vacancies"
SECOND_HALF="access core faults privacy scaling security voice"
QUICK="not e2e and not scale and not faults"

in_a_browser() {
    selected $(without $FIRST_HALF $SECOND_HALF) -m "e2e and not screenshots" "$@"
}

first_half() {
    selected $(without e2e $SECOND_HALF) -m "$QUICK" "$@"
    selected $(without $FIRST_HALF $SECOND_HALF) -m screenshots "$@"
}

second_half() {
    selected $(without e2e $FIRST_HALF) -m "$QUICK" "$@"
    selected $(without e2e $FIRST_HALF) -m e2e "$@"
}

without() {
    printf -- '--ignore=tests/%s ' "$@"
}

everything() {
    lint
    CHROMIUM=$(scripts/chromium.sh)
    export CHROMIUM
    [ -e static/vendor/VERSIONS.txt ] || step "call widget" scripts/widget.sh
    # Where there is none and none can be had, its tests are left out, and say so.
    PGBOUNCER=$(scripts/pgbouncer.sh || true)
    export PGBOUNCER
    mkdir -p var/checks
    first_half "$@" >var/checks/first_half.log 2>&1 &
    local first=$!
    second_half "$@" >var/checks/second_half.log 2>&1 &
    local second=$!
    # A background job does not hear of Ctrl-C.
    trap "kill $first $second 2>/dev/null || true" EXIT
    step "pytest in a browser" in_a_browser "$@"
    step "pytest, first half, and the look of every page" finished $first var/checks/first_half.log
    step "pytest, second half" finished $second var/checks/second_half.log
}

# Exit code 5 says that the arguments leave no test on this side.
selected() {
    $python -m pytest "$@" || [ $? -eq 5 ]
}

finished() {
    local result=0
    wait "$1" || result=$?
    cat "$2"
    return $result
}

what=${1:-all}
[ $# -eq 0 ] || shift
case $what in
    lint) lint ;;
    unit) unit "$@" ;;
    e2e) e2e "$@" ;;
    screenshots) screenshots "$@" ;;
    scale) scale "$@" ;;
    all) everything "$@" ;;
    *)
        echo "usage: scripts/checks.sh lint|unit|e2e|screenshots|scale|all" >&2
        exit 2
        ;;
esac
