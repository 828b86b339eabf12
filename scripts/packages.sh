#!/usr/bin/env bash
# Installs the system packages that are missing: `packages.sh run`, `app` (to build the tray and the window), `popups`
# (where there is no desktop) or `test`.
#
# With apt it installs them (with sudo when not root) and says which. Elsewhere it names them and goes on
# if only tools for tests are missing: what needs one of those says so itself.
source "$(dirname "$0")/common.sh"

# What is needed, how to see that it is there, and its package with: apt, dnf, pacman, zypper, apk.
needs_to_run=(
    'cc|build-essential gcc base-devel gcc build-base'
    'dbus-daemon|dbus dbus-daemon dbus dbus-1 dbus'
    'dbus-send|dbus-bin dbus-tools dbus dbus-1 dbus'
)
needs_for_the_app=(
    'lib:webkit2gtk-4.1|libwebkit2gtk-4.1-dev webkit2gtk4.1-devel webkit2gtk-4.1 webkit2gtk3-devel webkit2gtk-4.1-dev'
    'lib:gtk+-3.0|libgtk-3-dev gtk3-devel gtk3 gtk3-devel gtk+3.0-dev'
    'lib:librsvg-2.0|librsvg2-dev librsvg2-devel librsvg librsvg-devel librsvg-dev'
    'pkg-config|pkg-config pkgconf-pkg-config pkgconf pkg-config pkgconf'
    'node|nodejs nodejs nodejs nodejs nodejs'
    'npm|npm npm npm npm npm'
)
needs_for_popups=(
    'Xvfb|xvfb xorg-x11-server-Xvfb xorg-server-xvfb xorg-x11-server-Xvfb xvfb'
    'dunst|dunst dunst dunst dunst dunst'
)
needs_to_test=(
    'c++|build-essential gcc-c++ base-devel gcc-c++ build-base'
    'git|git git git git git'
    'gdbus|libglib2.0-bin glib2 glib2 glib2-tools glib'
    'busctl|systemd systemd systemd systemd -'
    'gnome-keyring-daemon|gnome-keyring gnome-keyring gnome-keyring gnome-keyring gnome-keyring'
    'secret-tool|libsecret-tools libsecret libsecret libsecret-tools libsecret'
    'desktop-file-validate|desktop-file-utils desktop-file-utils desktop-file-utils desktop-file-utils desktop-file-utils'
    'appstreamcli|appstream appstream appstream AppStream appstream'
    'WebKitWebDriver|webkit2gtk-driver webkit2gtk4.1 webkitgtk-6.0 webkit2gtk-driver webkit2gtk-4.1'
    'font:DejaVu Sans|fonts-dejavu-core dejavu-sans-fonts ttf-dejavu dejavu-fonts font-dejavu'
    'fc-list|fontconfig fontconfig fontconfig fontconfig fontconfig'
    'shellcheck|shellcheck ShellCheck shellcheck ShellCheck shellcheck'
    'python3|python3 python3 python python3 python3'
    'python3:ensurepip|python3-venv python3 python python3 python3'
)
managers=(apt-get dnf pacman zypper apk)
how=('apt-get install' 'dnf install' 'pacman -S' 'zypper install' 'apk add')

case ${1:-} in
run) needs=("${needs_to_run[@]}") ;;
app) needs=("${needs_to_run[@]}" "${needs_for_the_app[@]}") ;;
popups) needs=("${needs_for_popups[@]}") ;;
test) needs=("${needs_to_run[@]}" "${needs_for_the_app[@]}" "${needs_for_popups[@]}" "${needs_to_test[@]}") ;;
*) die "usage: packages.sh run|app|popups|test" ;;
esac

present() {
    case $1 in
    python3:*) python3 -c "import ${1#*:}" 2>/dev/null ;;
    font:*) fc-list "${1#*:}" 2>/dev/null | grep -q . ;;
    lib:*) pkg-config --exists "${1#*:}" 2>/dev/null ;;
    *) have "$1" ;;
    esac
}

missing=()
for need in "${needs[@]}"; do
    present "${need%%|*}" || missing+=("$need")
done

have cargo || die 'cargo is missing. Install Rust from https://rustup.rs (or the package "rustup") and run this again.'
wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
found=$(cargo --version | sed 's/^cargo \([0-9.]*\).*/\1/')
if [[ $(printf '%s\n%s\n' "$wanted" "$found" | sort -V | head -n 1) != "$wanted" ]]; then
    die "Rust $wanted or newer is needed, this is $found. Update with: rustup update stable"
fi

((${#missing[@]})) || exit 0

packages_for() { # which manager, as an index
    local need names
    for need in "${missing[@]}"; do
        read -ra names <<<"${need#*|}"
        [[ ${names[$1]} == - ]] || printf '%s\n' "${names[$1]}"
    done | sort -u
}

for index in "${!managers[@]}"; do
    have "${managers[$index]}" || continue
    mapfile -t packages < <(packages_for "$index")
    if [[ ${managers[$index]} == apt-get ]]; then
        sudo=()
        if ((EUID != 0)); then
            have sudo || die "please install as root: ${how[$index]} ${packages[*]}"
            sudo=(sudo)
        fi
        say "Installing with apt${sudo:+, as root through sudo}: ${packages[*]}"
        "${sudo[@]}" apt-get update -qq
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -qq --yes --no-install-recommends "${packages[@]}" >/dev/null
        exit 0
    fi
    say "Missing: ${missing[*]%%|*}. Install with: ${how[$index]} ${packages[*]}"
    named=yes
    break
done
[[ -n ${named:-} ]] || say "Missing: ${missing[*]%%|*}. This system's package manager is not known here: please install what brings them."

required=("${needs_to_run[@]}")
[[ $1 == app ]] && required+=("${needs_for_the_app[@]}")
for need in "${required[@]}"; do
    present "${need%%|*}" || die "\"${need%%|*}\" is missing and nothing can be built or run without it"
done
