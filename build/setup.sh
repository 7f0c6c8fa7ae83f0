#!/usr/bin/env bash
# Installs what Debian or Ubuntu must have for a part of the work; the lists
# stand here and nowhere else.
#
#   build/setup.sh tools    checks Go and Node
#   build/setup.sh window   what the desktop app is compiled against
#   build/setup.sh test     that, and what the tests drive it with
#   build/setup.sh package  what the packages are checked with
#
# Only what is missing is installed, and it is said before it happens. Without
# root and without sudo it says what to install and fails; on another system it
# says what it would have installed and goes on.
set -euo pipefail

window=(build-essential pkg-config libgtk-3-dev libwebkit2gtk-4.1-dev libayatana-appindicator3-dev)
test=(xvfb xauth dbus dbus-x11 openbox xdotool wmctrl imagemagick x11-utils xclip procps fonts-noto-cjk iproute2 ca-certificates tzdata)
package=(lintian desktop-file-utils appstream groff rpm binutils debootstrap iproute2 ca-certificates)

say() { printf 'setup: %s\n' "$*"; }

# at_least VERSION WANTED compares two dotted versions.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

check_tools() {
  local bad=0 version
  if ! command -v go >/dev/null; then
    say "Go is missing: install Go 1.26 or later from https://go.dev/dl/"
    bad=1
  fi
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    say "Node.js is missing: install Node 20 or later, with npm, from https://nodejs.org/"
    bad=1
  elif version=$(node --version) && ! at_least "${version#v}" 20.19; then
    say "Node ${version} is too old: 20.19 or later is needed"
    bad=1
  fi
  return "$bad"
}

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# with_browser adds a Chromium for the tests of the pages, unless there is one.
# Ubuntu's package has another name than Debian's.
with_browser() {
  local name
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null && return
  done
  if [ "$(. /etc/os-release && echo "${ID:-}")" = ubuntu ]; then
    test+=(chromium-browser)
  else
    test+=(chromium)
  fi
}

install() {
  local name missing=()
  if ! command -v dpkg-query >/dev/null; then
    [ "$(uname -s)" = Linux ] && say "no Debian or Ubuntu: the equivalents of these must be there: $*"
    return 0
  fi
  for name in "$@"; do
    installed "$name" || missing+=("$name")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0

  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null || ! { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
      say "neither root nor sudo; please install: apt-get install --no-install-recommends ${missing[*]}"
      return 1
    fi
    root=(sudo)
  fi
  say "installing with apt-get: ${missing[*]}"
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=3 update >/dev/null
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3 \
    install --no-install-recommends "${missing[@]}" >/dev/null
}

check_tools
case "${1:-}" in
  tools) ;;
  window) install "${window[@]}" ;;
  test)
    with_browser
    install "${window[@]}" "${test[@]}"
    ;;
  package) install "${window[@]}" "${package[@]}" ;;
  *)
    echo "usage: build/setup.sh tools|window|test|package" >&2
    exit 2
    ;;
esac
