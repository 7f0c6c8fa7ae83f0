#!/usr/bin/env bash
# Says how what is built is called, from git alone:
#
#   build/version.sh            as people see it: v1.2.3, v1.2.3-5-g0a1b2c3, 0a1b2c3
#   build/version.sh package    as packages order it: 1.2.3, 1.2.3+5.g0a1b2c3, 0.0.0~git20260131.0a1b2c3
#   build/version.sh time       the commit's time in seconds, which every file of a release gets
#
# VERSION and SOURCE_DATE_EPOCH win, for sources without git.
set -euo pipefail

shown() { printf '%s' "${VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo dev)}"; }
dated() { printf '%s' "${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}"; }

# package puts what comes before a release behind "~" and what comes after it
# behind "+": so dpkg, rpm and pacman sort them.
package() {
  local v
  v=$(shown)
  if [[ $v =~ ^v?([0-9]+\.[0-9]+\.[0-9]+)(-(alpha|beta|rc)([.0-9]*))?(-([0-9]+-g[0-9a-f]+))?(-dirty)?$ ]]; then
    local after=${BASH_REMATCH[6]//-/.}${BASH_REMATCH[7]//-/.}
    printf '%s' "${BASH_REMATCH[1]}${BASH_REMATCH[3]:+~${BASH_REMATCH[3]}${BASH_REMATCH[4]}}${after:+"+${after#.}"}"
  else
    printf '0.0.0~git%s.%s' "$(date -u -d "@$(dated)" +%Y%m%d)" "${v//[^A-Za-z0-9.]/.}"
  fi
}

case "${1:-shown}" in
  shown | package) "${1:-shown}" && echo ;;
  time) dated && echo ;;
  *)
    echo "usage: build/version.sh [package|time]" >&2
    exit 2
    ;;
esac
