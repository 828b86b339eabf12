#!/usr/bin/env bash
# Installs into an empty folder, checks what lies there, and removes it again.
source "$(dirname "$0")/common.sh"

root=$(mktemp -d "${TMPDIR:-/tmp}/tidings.XXXXXX")
trap 'rm -rf "$root"' EXIT

# The programs of the tests are good enough here: the optimised ones take minutes.
export PROFILE=dev BUILT=${TIDINGS_BIN_DIR:-}
if [[ -n $BUILT ]]; then
    # They have each feature that some test asks for. What is installed must do with its own.
    scripts/page.sh
    cargo check --quiet --locked -p tidings-daemon -p tidings-cli -p tidings-app
fi
DESTDIR=$root PREFIX=/opt/tidings scripts/install.sh >/dev/null
prefix=$root/opt/tidings

for file in bin/tidingsd bin/tidings bin/tidings-app bin/tidings-window share/dbus-1/services/org.tidings.Tidings.Daemon1.service \
    lib/systemd/user/tidingsd.service share/dbus-1/interfaces/org.tidings.Tidings.Post1.xml \
    share/man/man1/tidings.1 share/bash-completion/completions/tidings share/fish/vendor_completions.d/tidings.fish \
    share/zsh/site-functions/_tidings share/icons/hicolor/scalable/apps/org.tidings.Tidings.svg share/icons/hicolor/48x48/apps/org.tidings.Tidings.png \
    share/applications/org.tidings.Tidings.desktop share/dbus-1/services/org.tidings.Tidings.service \
    share/metainfo/org.tidings.Tidings.metainfo.xml; do
    [[ -s $prefix/$file ]] || die "the installation lacks $file"
done
if grep -rnE '@[a-z]+@|'"$root" "$prefix"/share/dbus-1 "$prefix"/lib/systemd "$prefix"/share/applications; then
    die 'a placeholder or the staging folder is in an installed file'
fi
"$prefix/bin/tidings" --version >/dev/null
"$prefix/bin/tidings-app" --version >/dev/null
# The resident program stays small because it links none of these.
if ldd "$prefix/bin/tidings-app" | grep -E 'gtk|webkit|glib'; then
    die 'tidings-app links the libraries of the window'
fi

if have desktop-file-validate; then
    desktop-file-validate "$prefix"/share/applications/*.desktop
else
    say 'desktop-file-validate is not installed: the desktop file was not checked'
fi
if have appstreamcli; then
    appstreamcli validate --no-net "$prefix"/share/metainfo/*.xml
else
    say 'appstreamcli is not installed: the metainfo was not checked'
fi

if have systemd-analyze; then
    unit=$root/unit/tidingsd.service
    mkdir -p "$root/unit"
    # systemd looks for the program at its final place, which is not here.
    sed "s,/opt/tidings/bin,$prefix/bin," "$prefix/lib/systemd/user/tidingsd.service" >"$unit"
    XDG_RUNTIME_DIR=$root/unit systemd-analyze verify --user "$unit"
else
    say 'systemd-analyze is not installed: the unit was not checked'
fi

# Where everybody shares it, the session starts the tray.
DESTDIR=$root/shared PREFIX=/usr/local scripts/install.sh >/dev/null
autostart=$root/shared/etc/xdg/autostart/org.tidings.Tidings.desktop
grep -q '^Exec=/usr/local/bin/tidings-app --background$' "$autostart" || die 'the session does not start the tray'
DESTDIR=$root/shared PREFIX=/usr/local scripts/install.sh --remove >/dev/null
left=$(find "$root/shared" -type f -o -type l)
[[ -z $left ]] || die "uninstalling for everybody left behind: $left"

DESTDIR=$root PREFIX=/opt/tidings scripts/install.sh --remove >/dev/null
left=$(find "$prefix" -type f -o -type l)
[[ -z $left ]] || die "uninstalling left behind: $left"
