#!/usr/bin/env bash
# Shows notifications arrive, with the tray icon and the window where there is a display. On a terminal until Ctrl-C; without one until the demo is over, with a summary
# and an exit code that says whether everything was received, stored and read back.
source "$(dirname "$0")/common.sh"

readonly NAME=org.tidings.Tidings.Daemon1
readonly TRAY=org.tidings.Tidings
readonly POPUP_SERVER=org.freedesktop.Notifications
readonly START_DEADLINE=20 # seconds until the daemon owns its name
readonly DEMO_DEADLINE=60  # seconds until the ten seconds of the demo are over and every row is confirmed

config=${XDG_CONFIG_HOME:-${HOME:-}/.config}/tidings/config.toml
terminal=no
[[ -t 0 && -t 1 ]] && terminal=yes

main() {
    scripts/packages.sh run
    say 'Building (the first time takes some minutes)'
    local quiet=()
    # Whoever watches sees that something goes on; a log stays short.
    [[ $terminal == yes ]] || quiet=(--quiet)
    cargo build "${quiet[@]}" --locked --profile quick -p tidings-daemon -p tidings-cli
    build_the_app "${quiet[@]}"
    programs=$(realpath "${CARGO_TARGET_DIR:-target}")/quick
    PATH=$programs:$PATH

    work=$(mktemp -d "${TMPDIR:-/tmp}/tidings.XXXXXX")
    trap clean_up EXIT
    # On a terminal Ctrl-C is the way to end it, so it is no failure.
    trap 'exit $([[ $terminal == yes ]] && echo 0 || echo 130)' INT
    trap 'exit 143' TERM

    if ! session_bus; then
        say 'There is no session bus: starting a private one'
        private_bus
    elif owned "$NAME"; then
        if [[ $terminal == yes ]]; then
            say 'Your own tidingsd is running: this is its inbox (Ctrl-C ends the view, not the daemon)'
            start_tray
            tidings watch --last 20
            return
        fi
        say 'Your own tidingsd is running and is left alone: the demo gets a private bus'
        private_bus
        config=
    fi

    if [[ -f $config ]]; then
        say "Starting tidingsd with $config"
        start_daemon
        start_tray
        show
    else
        say 'Starting tidingsd with the demo: a small server on this machine plays a working day'
        # The user's own inbox is not for play.
        export XDG_DATA_HOME=$work/data XDG_CONFIG_HOME=$work/config
        say "The demo's inbox is $XDG_DATA_HOME/tidings/inbox.db; it goes when this ends"
        start_daemon --demo
        start_tray
        if [[ $terminal == yes ]]; then show; else watch_demo_to_the_end; fi
    fi
}

# The tray and the window, where they can be seen. Without what they are built with, the rest goes on.
build_the_app() {
    [[ -n ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]] || return 0
    if ! (scripts/packages.sh app && scripts/page.sh); then
        say 'The tray icon and the window are left out: what they are built with is missing'
        return 0
    fi
    cargo build "$@" --locked --profile quick -p tidings-app
    app=built
}

# Not on a private bus, where no panel would show it, and not beside one that runs already.
start_tray() {
    [[ ${app:-} == built && -z ${bus_pid:-} ]] || return 0
    if owned "$TRAY"; then
        say 'Your own tray icon is running and is left alone'
        return 0
    fi
    tidings-app --background >"$work/tidings-app.log" 2>&1 &
    tray_pid=$!
    say 'The tray icon is in your panel, if that shows any: click it for the window, or type:'
    printf '    %s/tidings open\n' "$programs"
}

session_bus() {
    [[ -n ${DBUS_SESSION_BUS_ADDRESS:-} || -S ${XDG_RUNTIME_DIR:-/nowhere}/bus ]] &&
        dbus-send --session --dest=org.freedesktop.DBus --print-reply / org.freedesktop.DBus.GetId \
            >/dev/null 2>&1
}

# Without the machine's service files: they would start a popup server or a keyring that needs a display.
private_bus() {
    cat >"$work/bus.conf" <<END
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=$work</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
END
    mkfifo "$work/address"
    dbus-daemon --nofork --config-file="$work/bus.conf" --print-address=3 \
        3>"$work/address" 2>"$work/bus.log" &
    bus_pid=$!
    read -r -t "$START_DEADLINE" DBUS_SESSION_BUS_ADDRESS <"$work/address" ||
        die "the private dbus-daemon did not start: $(<"$work/bus.log")"
    export DBUS_SESSION_BUS_ADDRESS
    [[ -n ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]] || private_popup_server
}

# Without a desktop nobody would show the popups: a real popup server on a display that only exists in memory.
private_popup_server() {
    scripts/packages.sh popups || return 0
    have Xvfb && have dunst || return 0
    say 'There is no desktop: dunst shows the popups on a display in memory'
    mkfifo "$work/display"
    Xvfb -displayfd 4 -nolisten tcp 4>"$work/display" 2>"$work/xvfb.log" &
    display_pid=$!
    local number
    read -r -t "$START_DEADLINE" number <"$work/display" || return 0
    DISPLAY=:$number dunst >"$work/dunst.log" 2>&1 &
    popups_pid=$!
    local deadline=$((SECONDS + START_DEADLINE))
    until owned "$POPUP_SERVER" || ((SECONDS >= deadline)); do sleep 0.1; done
}

owned() {
    dbus-send --session --dest=org.freedesktop.DBus --print-reply / \
        org.freedesktop.DBus.NameHasOwner "string:$1" 2>/dev/null | grep -q 'boolean true'
}

owner_pid() {
    dbus-send --session --dest=org.freedesktop.DBus --print-reply=literal / \
        org.freedesktop.DBus.GetConnectionUnixProcessID "string:$1" 2>/dev/null | awk '{ print $2 }' || true
}

start_daemon() {
    tidingsd "$@" >"$work/tidingsd.log" 2>&1 &
    daemon_pid=$!
    local deadline=$((SECONDS + START_DEADLINE))
    until owned "$NAME"; do
        if ! kill -0 "$daemon_pid" 2>/dev/null || ((SECONDS >= deadline)); then
            cat "$work/tidingsd.log" >&2
            die "tidingsd did not get ready within $START_DEADLINE s; its log is above"
        fi
        sleep 0.1
    done
}

show() {
    if [[ $terminal == yes ]]; then
        say 'Post one yourself, from another terminal:'
        # A private bus is only found by its address.
        printf '    %s%s/tidings post "Hello" "from here"\n' \
            "${bus_pid:+DBUS_SESSION_BUS_ADDRESS=$DBUS_SESSION_BUS_ADDRESS }" "$programs"
        say 'Notifications as they arrive (Ctrl-C ends it)'
        tidings watch --last 50
    else
        tidings status
        tidings sources
    fi
}

watch_demo_to_the_end() {
    local deadline=$((SECONDS + DEMO_DEADLINE))
    until stats=$(daemon_stats) && [[ $(figure demo_finished) == true ]] &&
        (($(figure notifications) == $(figure demo_total))); do
        if ((SECONDS >= deadline)); then
            printf '%s\n' "$stats" >&2
            cat "$work/tidingsd.log" >&2
            die "the demo was not over within $DEMO_DEADLINE s; the daemon's figures and log are above"
        fi
        sleep 0.2
    done
    tidings list --limit 0
    summary
}

summary() {
    local total received stored read_back popups p50=- note=
    total=$(figure demo_total) received=$(figure received) stored=$(figure notifications)
    popups=$(figure popups_shown)
    ((popups == 0)) || p50="$(figure frame_to_popup_p50_us) µs"
    owned "$POPUP_SERVER" || note=' (there is no popup server on this bus to show them)'
    # Every row prints this key once.
    read_back=$(tidings list --limit 0 --json | grep -o '"remote_id":' | wc -l)
    say 'Summary'
    printf '  %-20s %s\n' \
        'in the demo' "$total" \
        'received' "$received" \
        'stored' "$stored" \
        'read back' "$read_back" \
        'popups shown' "$popups$note" \
        'frame to popup, p50' "$p50"
    ((total > 0 && received >= total && stored == total && read_back == total)) ||
        die 'these counts differ: something was lost or doubled'
}

daemon_stats() {
    dbus-send --session --print-reply --dest="$NAME" /org/tidings/Tidings/Daemon1 \
        org.tidings.Tidings.Control1.Stats
}

# One figure of $stats: dbus-send prints each entry as the name on one line and the value on the next.
figure() {
    awk -v key="\"$1\"" '$1 == "string" && $2 == key { getline; print $NF; found = 1; exit }
                         END { if (!found) print 0 }' <<<"$stats"
}

clean_up() {
    local code=$? pid window_pid=
    # The window that our tray opened shows the inbox that goes now.
    [[ -z ${tray_pid:-} ]] || window_pid=$(owner_pid "$TRAY.Window")
    # The tray before the daemon, which it would report as gone; the daemon says goodbye on the bus.
    for pid in $window_pid ${tray_pid:-} ${daemon_pid:-} ${popups_pid:-} ${display_pid:-} ${bus_pid:-}; do
        kill "$pid" 2>/dev/null || continue
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$work"
    exit "$code"
}

main
