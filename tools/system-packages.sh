#!/bin/sh
# The libraries and fonts that pip cannot bring: Pango and HarfBuzz lay out the PDF, Liberation Serif has the metric of
# Times New Roman (NĐ 30/2020, Phụ lục I) with Vietnamese letters, poppler shows the tests what is on a page.
# Does nothing where they are there; installs them where it may; else says in one line what to run.
set -eu

PACKAGES='libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-liberation2 poppler-utils python3-venv'

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
[ -n "$wanted" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=''
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root='sudo -n'
else
    echo "Missing system packages, please run: sudo apt-get install -y --no-install-recommends$wanted" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
echo "Installing system packages:$wanted"
# shellcheck disable=SC2086  # both are lists of words
$as_root apt-get install -y -qq --no-install-recommends $wanted >/dev/null 2>&1 || {
    $as_root apt-get update -qq >/dev/null 2>&1 || true
    $as_root apt-get install -y -qq --no-install-recommends $wanted >/dev/null || {
        echo "apt-get failed, please run: sudo apt-get install -y --no-install-recommends$wanted" >&2
        exit 1
    }
}
