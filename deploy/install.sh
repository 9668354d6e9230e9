#!/bin/sh
# Installs, upgrades and removes the audit on Debian. Called by `make install` and `make uninstall`.
#   deploy/install.sh install | uninstall
# DESTDIR=/somewhere puts everything below that folder and touches nothing of the running system.
# An upgrade is another install: settings, secrets, data and reports stay as they are. So they do after uninstall.
set -eu

ROOT=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
DEST=${DESTDIR:-}
NAME=document-audit
OPT=$DEST/opt/$NAME
ETC=$DEST/etc/$NAME
UNITS=$DEST/etc/systemd/system
HERE=$ROOT/deploy

# on the running system only
is_live() { [ -z "$DEST" ]; }
has() { command -v "$1" >/dev/null 2>&1; }
systemd() { if is_live && [ -d /run/systemd/system ]; then systemctl "$@"; fi; }

# everything new is made ready beside the old, which works on until it is all there; a failure leaves it as it was
make_ready() {
    rm -rf "$OPT.new"
    install -d -m 0755 "$OPT.new"
    for part in audit reports config contract deploy docs requirements tools run_audit.py Makefile README.md CHANGELOG.md pyproject.toml; do
        cp -R "$ROOT/$part" "$OPT.new/"
    done
    find "$OPT.new" -name __pycache__ -prune -exec rm -rf {} +
    chmod -R u=rwX,go=rX "$OPT.new"
    make_environment || {
        rm -rf "$OPT.new"
        echo "The Python environment could not be made; nothing was changed." >&2
        exit 1
    }
}

# with the same locked requirements the old environment is good for the new program, and nothing is fetched; unless an
# upgrade of Debian has brought another Python, which finds nothing of what was installed for the old one
has_same_requirements() { [ -d "$OPT/.venv" ] && cmp -s "$OPT/requirements/run.txt" "$OPT.new/requirements/run.txt"; }
keeps_environment() {
    has_same_requirements && "$OPT/.venv/bin/python" -I -c 'import numpy, pandas, pyarrow, sqlalchemy' 2>/dev/null
}

make_environment() {
    is_live || return 0
    sh "$OPT.new/tools/system-packages.sh" run || return 1
    if keeps_environment; then return 0; fi
    python3 -m venv "$OPT.new/.venv" || return 1
    "$OPT.new/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
        -r "$OPT.new/requirements/run.txt" || return 1
    chmod -R go=rX "$OPT.new/.venv"
}

swap() {
    # below DESTDIR no environment is made: what is there stays
    if [ ! -d "$OPT.new/.venv" ] && has_same_requirements; then mv "$OPT/.venv" "$OPT.new/.venv"; fi
    rm -rf "$OPT"
    mv "$OPT.new" "$OPT"
}

put() { # mode, file, target
    install -D -m "$1" "$HERE/$2" "$3"
}

put_files() {
    put 0755 audit-run "$DEST/usr/local/bin/audit-run"
    for unit in "$HERE"/*.service "$HERE"/*.timer; do put 0644 "$(basename "$unit")" "$UNITS/$(basename "$unit")"; done
    put 0644 tmpfiles.conf "$DEST/usr/lib/tmpfiles.d/$NAME.conf"
    put 0644 sysusers.conf "$DEST/usr/lib/sysusers.d/$NAME.conf"
    put 0644 logrotate.conf "$DEST/etc/logrotate.d/$NAME"
    install -d -m 0750 "$ETC" "$DEST/var/lib/$NAME" "$DEST/var/lib/$NAME/data" "$DEST/var/lib/$NAME/reports" \
        "$DEST/var/log/$NAME" "$DEST/var/backups/$NAME"
    # what is the deployment's own is put there once; files that are not there are taken from /opt/document-audit/config
    [ -e "$ETC/environment" ] || put 0640 environment "$ETC/environment"
    for file in agencies.toml audit.toml recipients.toml signers.toml waivers.toml calendar.toml; do
        [ -e "$ETC/$file" ] || install -m 0640 "$ROOT/config/$file" "$ETC/$file"
    done
}

own() {
    is_live || return 0
    if has systemd-sysusers; then
        systemd-sysusers "/usr/lib/sysusers.d/$NAME.conf"
    elif ! id "$NAME" >/dev/null 2>&1; then
        useradd --system --home-dir "/var/lib/$NAME" --shell /usr/sbin/nologin "$NAME"
    fi
    chown -R "root:$NAME" "$ETC"
    chown "$NAME:$NAME" "/var/lib/$NAME" "/var/lib/$NAME/data" "/var/lib/$NAME/reports" "/var/log/$NAME" "/var/backups/$NAME"
}

install_all() {
    make_ready
    systemd stop "$NAME.service" 2>/dev/null || true
    swap
    put_files
    own
    systemd daemon-reload
    if is_live && [ -d /run/systemd/system ] && systemctl is-enabled --quiet "$NAME.service" 2>/dev/null; then
        systemctl start "$NAME.service"
    fi
    echo "Installed. Next: edit $ETC/agencies.toml, audit-run check-config, systemctl enable --now $NAME.service"
}

uninstall_all() {
    systemd disable --now "$NAME.service" "$NAME-backup.timer" "$NAME-verify.timer" 2>/dev/null || true
    for unit in "$HERE"/*.service "$HERE"/*.timer; do rm -f "$UNITS/$(basename "$unit")"; done
    rm -f "$DEST/usr/local/bin/audit-run" "$DEST/usr/lib/tmpfiles.d/$NAME.conf" "$DEST/usr/lib/sysusers.d/$NAME.conf" \
        "$DEST/etc/logrotate.d/$NAME" "$DEST/etc/cron.d/$NAME"
    rm -rf "$OPT"
    systemd daemon-reload
    echo "Removed. Settings, data, reports and backups stay: $ETC, $DEST/var/lib/$NAME, $DEST/var/backups/$NAME"
}

case "${1:-}" in
install) install_all ;;
uninstall) uninstall_all ;;
*)
    echo "usage: deploy/install.sh install | uninstall" >&2
    exit 2
    ;;
esac
