#!/usr/bin/env bash
# Builds and installs, or with --remove removes what was installed. PREFIX: where (default ~/.local, /usr/local
# for root). DESTDIR: a staging folder for packagers. PROFILE: of cargo (default release).
source "$(dirname "$0")/common.sh"

profile=${PROFILE:-release}
if ((EUID == 0)); then default_prefix=/usr/local; else default_prefix=${HOME:?}/.local; fi
prefix=${PREFIX:-$default_prefix}
[[ $prefix == /* ]] || die "PREFIX must be an absolute path, not \"$prefix\""
destination=${DESTDIR:-}$prefix
# Where a user's own systemd and D-Bus look; for everyone it is lib/ and share/ of the prefix.
units=lib/systemd/user
[[ -n ${HOME:-} && $prefix == "$HOME/.local" ]] && units=share/systemd/user

readonly APP=org.tidings.Tidings
files=(
    bin/tidingsd
    bin/tidings
    "$units/tidingsd.service"
    "share/dbus-1/services/$APP.Daemon1.service"
    "share/applications/$APP.desktop"
    "share/icons/hicolor/scalable/apps/$APP.svg"
    "share/icons/hicolor/symbolic/apps/$APP-symbolic.svg"
    share/bash-completion/completions/tidings
    share/fish/vendor_completions.d/tidings.fish
    share/zsh/site-functions/_tidings
)
for xml in api/interfaces/*.xml; do
    files+=("share/dbus-1/interfaces/$(basename "$xml")")
done

if [[ ${1:-} == --remove ]]; then
    rm -f "${files[@]/#/$destination/}" "$destination"/share/man/man1/tidings.1 \
        "$destination"/share/man/man1/tidings-*.1
    say "Removed from $destination. Your inbox and your configuration are where they were."
    exit 0
fi

scripts/packages.sh run
cargo build --locked --profile "$profile" -p tidings-daemon -p tidings-cli
built=${CARGO_TARGET_DIR:-target}/$([[ $profile == dev ]] && printf debug || printf '%s' "$profile")

put() { # source, place, mode
    install -D -m "${3:-644}" "$1" "$destination/$2"
}

generate() { # place; content on standard input
    install -D -m 644 /dev/stdin "$destination/$1"
}

put "$built/tidingsd" bin/tidingsd 755
put "$built/tidings" bin/tidings 755
for template in "$units/tidingsd.service" "share/dbus-1/services/$APP.Daemon1.service" "share/applications/$APP.desktop"; do
    sed "s,@bindir@,$prefix/bin,g" "daemon/data/$(basename "$template").in" | generate "$template"
done
for xml in api/interfaces/*.xml; do
    put "$xml" "share/dbus-1/interfaces/$(basename "$xml")"
done
put "icons/$APP.svg" "share/icons/hicolor/scalable/apps/$APP.svg"
put "icons/$APP-symbolic.svg" "share/icons/hicolor/symbolic/apps/$APP-symbolic.svg"
"$built/tidings" completions bash | generate share/bash-completion/completions/tidings
"$built/tidings" completions fish | generate share/fish/vendor_completions.d/tidings.fish
"$built/tidings" completions zsh | generate share/zsh/site-functions/_tidings
"$built/tidings" man "$destination/share/man/man1"

say "Installed in $destination"
if [[ -z ${DESTDIR:-} ]]; then
    case $prefix in
    /usr | /usr/local | "${HOME:-}/.local") ;;
    *)
        printf '  D-Bus and systemd do not look in %s: add %s/share to XDG_DATA_DIRS of your session,\n' "$prefix" "$prefix"
        printf '  or start tidingsd yourself.\n'
        ;;
    esac
    cat <<END
  The first call starts the daemon:   tidings post "Hello" "from the command line"
  To have it from login on:           systemctl --user daemon-reload && systemctl --user enable --now tidingsd
END
    [[ :$PATH: == *:$prefix/bin:* ]] || printf '  %s is not in your PATH yet.\n' "$prefix/bin"
fi
