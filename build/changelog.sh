#!/usr/bin/env bash
# Writes the changes that a user would notice, from the commits since each tag:
#
#   build/changelog.sh              all releases, for CHANGELOG.md
#   build/changelog.sh v1.2.3       those of one release, for its page
#
# What is not a feature, a fix or a speed-up is for the readers of git log.
set -euo pipefail
cd "$(dirname "$0")/.."

# section prints the commits of one type in a range, the oldest first.
section() { # section RANGE TYPE TITLE
  local lines
  lines=$(git log --no-merges --reverse --format=%s "$1" -- . |
    sed -nE "s/^$2(\(([^)]*)\))?!?: (.*)$/- \2: \3/p" | sed 's/^- : /- /' | awk '!seen[$0]++')
  [ -z "$lines" ] || printf '\n### %s\n\n%s\n' "$3" "$lines"
}

# breaking prints what commits say after BREAKING CHANGE, and those with a "!".
breaking() { # breaking RANGE
  local lines
  lines=$(
    git log --no-merges --reverse --format=%B "$1" -- . | sed -nE 's/^BREAKING[ -]CHANGE: /- /p'
    git log --no-merges --reverse --format=%s "$1" -- . | sed -nE 's/^[a-z]+(\([^)]*\))?!: /- /p'
  )
  [ -z "$lines" ] || printf '\n### What has to be changed\n\n%s\n' "$lines"
}

release() { # release RANGE
  breaking "$1"
  section "$1" feat "New"
  section "$1" fix "Mended"
  section "$1" perf "Faster"
}

mapfile -t tags < <(git tag --list 'v*' --sort=-v:refname --merged HEAD)

# before is the tag before one, or nothing: the range then begins at the start.
range() { # range TAG BEFORE
  printf '%s' "${2:+$2..}$1"
}

if [ -n "${1:-}" ]; then
  for i in "${!tags[@]}"; do
    [ "${tags[i]}" != "$1" ] || { release "$(range "$1" "${tags[i + 1]:-}")" && exit; }
  done
  echo "changelog: there is no tag $1" >&2
  exit 1
fi

printf '# Changes\n\nMade by `make changelog` from the commits.\n'
if [ -n "$(git log --format=%h "$(range HEAD "${tags[0]:-}")")" ]; then
  printf '\n## Not released yet\n'
  release "$(range HEAD "${tags[0]:-}")"
fi
for i in "${!tags[@]}"; do
  printf '\n## %s, %s\n' "${tags[i]}" "$(git log -1 --format=%cs "${tags[i]}")"
  release "$(range "${tags[i]}" "${tags[i + 1]:-}")"
done
