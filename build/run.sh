#!/usr/bin/env bash
# Builds the program and starts it: the desktop app where there is a display,
# the headless server in demo mode where there is none.
set -euo pipefail

case "$(uname -s)" in
  Darwin | MINGW* | MSYS* | CYGWIN*)
    build/setup.sh tools
    go tool -modfile=build/tools/go.mod wails build -skipbindings
    echo "built into build/bin; starting it"
    case "$(uname -s)" in
      Darwin) open build/bin/*.app ;;
      *) exec build/bin/openaicompatible.exe "$@" ;;
    esac
    exit
    ;;
esac

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  make build
  exec build/bin/openaicompatible "$@"
fi

echo "No display here (neither DISPLAY nor WAYLAND_DISPLAY is set): starting the headless server in demo mode."
make server
exec bin/openaicompatible-server serve --demo --admin "$@"
