#!/bin/sh
# The libraries and fonts that pip cannot bring: Pango and HarfBuzz lay out the PDF, Liberation Serif has the metric of
# Times New Roman (NĐ 30/2020, Phụ lục I) with Vietnamese letters, poppler shows the tests what is on a page, PostgreSQL
# is the ledger's other database: the tests start one of their own, and leave it out where it is not there.
# Does nothing where they are there; installs them where it may; else says in one line what to run.
#   tools/system-packages.sh [run]      run: only what the program needs, nothing for the tests
set -eu

PACKAGES='libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-liberation2 python3-venv'
DATABASE=''
if [ "${1:-}" != run ]; then
    PACKAGES="$PACKAGES poppler-utils"
    DATABASE='postgresql'
fi

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "No Debian packages here: install Pango >= 1.44, HarfBuzz (subset), fontconfig, Liberation fonts and poppler-utils by hand." >&2
    exit 0
fi

wanted=''
for package in $PACKAGES; do
    # newer Debian ships Liberation 2 under the plain name
    case "$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null)" in
    *' installed') continue ;;
    esac
    if [ "$package" = fonts-liberation2 ]; then
        case "$(dpkg-query -W -f='${Status}' fonts-liberation 2>/dev/null)" in
        *' installed') continue ;;
        esac
        apt-cache show fonts-liberation2 >/dev/null 2>&1 || package=fonts-liberation
    fi
    # a Python from elsewhere brings its own venv
    if [ "$package" = python3-venv ] && python3 -c 'import ensurepip, venv' >/dev/null 2>&1; then
        continue
    fi
    wanted="$wanted $package"
done
has_database() { [ -z "$DATABASE" ] || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
if [ -z "$wanted" ] && has_database; then exit 0; fi

if [ "$(id -u)" = 0 ]; then
    as_root=''
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root='sudo -n'
elif [ -z "$wanted" ]; then
    echo "Without PostgreSQL its tests are left out; with it: sudo apt-get install -y --no-install-recommends $DATABASE" >&2
    exit 0
else
    echo "Missing system packages, please run: sudo apt-get install -y --no-install-recommends$wanted" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive

# shellcheck disable=SC2086  # both are lists of words
fetch() {
    $as_root apt-get install -y -qq --no-install-recommends $1 >/dev/null 2>&1 || {
        $as_root apt-get update -qq >/dev/null 2>&1 || true
        $as_root apt-get install -y -qq --no-install-recommends $1 >/dev/null
    }
}

if [ -n "$wanted" ]; then
    echo "Installing system packages:$wanted"
    fetch "$wanted" || {
        echo "apt-get failed, please run: sudo apt-get install -y --no-install-recommends$wanted" >&2
        exit 1
    }
fi
has_database || {
    echo "Installing $DATABASE for the tests; no server is set up or started"
    # the package would make a cluster and start it, unless it is told not to before it comes
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        $as_root mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' | $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    fetch "$DATABASE" || echo "PostgreSQL could not be installed: its tests are left out" >&2
}
