#!/usr/bin/env bash
# Builds and installs, or with --remove removes what was installed. PREFIX: where (default ~/.local, /usr/local
# for root). DESTDIR: a staging folder for packagers. PROFILE: of cargo (default release). BUILT: a folder with the
# programs, where they are built already. APP=no: without the tray and the window, for a machine without a desktop.
source "$(dirname "$0")/common.sh"

profile=${PROFILE:-release}
if ((EUID == 0)); then default_prefix=/usr/local; else default_prefix=${HOME:?}/.local; fi
prefix=${PREFIX:-$default_prefix}
[[ $prefix == /* ]] || die "PREFIX must be an absolute path, not \"$prefix\""
destination=${DESTDIR:-}$prefix
# Where a user's own systemd and D-Bus look; for everyone it is lib/ and share/ of the prefix.
units=lib/systemd/user
[[ -n ${HOME:-} && $prefix == "$HOME/.local" ]] && units=share/systemd/user

# A session looks for what it starts below /etc, wherever the programs are; for one user it is the window's switch.
autostart=
[[ $prefix == /usr || $prefix == /usr/local ]] && autostart=/etc/xdg/autostart

readonly ID=org.tidings.Tidings
readonly ICON_SIZES=(16 22 24 32 48 64 128 256 512)
files=(
    bin/tidingsd
    bin/tidings
    bin/tidings-app
    bin/tidings-window
    "$units/tidingsd.service"
    "share/dbus-1/services/$ID.Daemon1.service"
    "share/dbus-1/services/$ID.service"
    "share/applications/$ID.desktop"
    "share/metainfo/$ID.metainfo.xml"
    "share/icons/hicolor/scalable/apps/$ID.svg"
    "share/icons/hicolor/symbolic/apps/$ID-symbolic.svg"
    share/bash-completion/completions/tidings
    share/fish/vendor_completions.d/tidings.fish
    share/zsh/site-functions/_tidings
)
for xml in api/interfaces/*.xml; do
    files+=("share/dbus-1/interfaces/$(basename "$xml")")
done
for size in "${ICON_SIZES[@]}"; do
    files+=("share/icons/hicolor/${size}x$size/apps/$ID.png")
done

if [[ ${1:-} == --remove ]]; then
    rm -f "${files[@]/#/$destination/}" "$destination"/share/man/man1/tidings.1 \
        "$destination"/share/man/man1/tidings-*.1
    [[ -z $autostart ]] || rm -f "${DESTDIR:-}$autostart/$ID.desktop"
    say "Removed from $destination. Your inbox and your configuration are where they were."
    exit 0
fi

built=${BUILT:-}
if [[ -z $built ]]; then
    scripts/packages.sh run
    cargo build --locked --profile "$profile" -p tidings-daemon -p tidings-cli
    if [[ ${APP:-} != no ]]; then
        scripts/packages.sh app
        scripts/page.sh
        cargo build --locked --profile "$profile" -p tidings-app
    fi
    built=${CARGO_TARGET_DIR:-target}/$([[ $profile == dev ]] && printf debug || printf '%s' "$profile")
fi

put() { # source, place, mode
    install -D -m "${3:-644}" "$1" "$destination/$2"
}

generate() { # place; content on standard input
    install -D -m 644 /dev/stdin "$destination/$1"
}

put "$built/tidingsd" bin/tidingsd 755
put "$built/tidings" bin/tidings 755
fill_in() { # template, place: programs are named by their final place
    sed "s,@bindir@,$prefix/bin,g" "$1" | generate "$2"
}
fill_in daemon/data/tidingsd.service.in "$units/tidingsd.service"
fill_in "daemon/data/$ID.Daemon1.service.in" "share/dbus-1/services/$ID.Daemon1.service"
if [[ ${APP:-} != no ]]; then
    put "$built/tidings-app" bin/tidings-app 755
    put "$built/tidings-window" bin/tidings-window 755
    fill_in "src-tauri/linux/$ID.desktop.in" "share/applications/$ID.desktop"
    fill_in "src-tauri/linux/$ID.service.in" "share/dbus-1/services/$ID.service"
    put "src-tauri/linux/$ID.metainfo.xml" "share/metainfo/$ID.metainfo.xml"
    if [[ -n $autostart ]]; then
        sed "s,@bindir@,$prefix/bin,g" src-tauri/linux/autostart.desktop.in |
            install -D -m 644 /dev/stdin "${DESTDIR:-}$autostart/$ID.desktop"
    fi
fi
for xml in api/interfaces/*.xml; do
    put "$xml" "share/dbus-1/interfaces/$(basename "$xml")"
done
put "icons/$ID.svg" "share/icons/hicolor/scalable/apps/$ID.svg"
put "icons/$ID-symbolic.svg" "share/icons/hicolor/symbolic/apps/$ID-symbolic.svg"
for size in "${ICON_SIZES[@]}"; do
    put "icons/rendered/$size.png" "share/icons/hicolor/${size}x$size/apps/$ID.png"
done
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
  The tray icon and the window:       tidings-app (and "Tidings" among your programs)
END
    [[ :$PATH: == *:$prefix/bin:* ]] || printf '  %s is not in your PATH yet.\n' "$prefix/bin"
fi
