#!/usr/bin/env bash
# Runs the container as an engine would, where there is none: the file system is
# laid out by the Dockerfile's own steps, and what it says of user, environment,
# command and health is what is done. The root is read-only, /app is a volume,
# and there is no network but the container's own loopback.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."
[ "$(id -u)" -eq 0 ] || exec sudo --preserve-env=PATH,HOME,GOPATH,GOCACHE,GOPROXY "$0" "$@"
[ -n "${IN_NAMESPACES:-}" ] || IN_NAMESPACES=1 exec unshare --mount --pid --ipc --uts --fork --kill-child "$0" "$@"

work=$(mktemp -d)
trap 'umount -R "$work/root" 2>/dev/null || true; rm -rf --one-file-system "$work"' EXIT
chmod 755 "$work"
say() { printf 'image: %s\n' "$*"; }

# said gives an instruction's list, a line for each.
said() { sed -n '/^ *'"$1"' \[/{s/^[^[]*//;p}' build/docker/Dockerfile | node -e 'for (const word of JSON.parse(require("fs").readFileSync(0, "utf8"))) console.log(word)'; }
mapfile -t entry < <(said ENTRYPOINT)
mapfile -t health < <(said CMD)
user=$(sed -n 's/^USER //p' build/docker/Dockerfile)
read -r -a environment < <(sed -n 's/^ENV //p' build/docker/Dockerfile)

# container runs a program in it, and nothing else: what the test itself needs is
# outside.
cat >"$work/container" <<EOF
#!/bin/bash
exec /usr/bin/env -i ${environment[*]} /usr/sbin/chroot --userspec=$user "$work/root" ${entry[0]} "\$@"
EOF
chmod +x "$work/container"

# starts makes a container of a volume and uses it: an answer, its health, whose
# it is. It prints the key.
starts() { # starts VOLUME [CONFIG]
  umount -R "$work/root" 2>/dev/null || true
  mkdir -p "$work/root"
  mount --bind "$work/image" "$work/root"
  mount -o remount,bind,ro "$work/root"
  mount --bind "$1" "$work/root/app"
  [ -z "${2:-}" ] || mount --bind "$2" "$work/root/app/config.json"
  (cd "$work" && HEALTH=$work/container MEANWHILE="
    $work/container ${health[*]:1} >/dev/null || exit
    for p in /proc/[0-9]*; do
      [[ \$(readlink \$p/root) == $work/root ]] || continue
      grep -q '^Uid:.1000.1000.1000.1000' \$p/status && exit
    done
    echo 'nobody runs in it as 1000'; exit 1" \
    unshare --net bash -c 'ip link set lo up && exec "$@"' - bash "$OLDPWD/build/use.sh" "$work/container" "${entry[@]:1}" --demo)
}

CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(build/version.sh)" -o "$work/program" ./backend/cmd/server
build/docker/root.sh "$work/program" "$work/image" "$work/volume"
# The engine makes the folder to mount at, and fills a new volume from it.
mkdir "$work/image/app"
touch "$work/image/etc/resolv.conf"
mount -t proc proc /proc

first=$(starts "$work/volume")
[[ $first == sk-oac-* ]] || { say "it gave no key: $first"; exit 1; }
[ "$(starts "$work/volume")" = "$first" ] || { say "the next container has another key"; exit 1; }
say "it answers as 1000 with a read-only root, is healthy, and the next container has the same key"

# -v ./config.json:/app/config.json, as the original's users have it.
original=backend/config/testdata/original/stock_shape.json
for owner in 1000 0; do
  mkdir "$work/volume-$owner"
  chown 1000:1000 "$work/volume-$owner"
  # A mount needs a file to lie on; the engine makes it.
  touch "$work/volume-$owner/config.json"
  sed 's/"port": *[0-9]*/"port": 8080/' "$original" >"$work/config.json"
  chown "$owner" "$work/config.json"
  chmod 644 "$work/config.json"
  first=$(starts "$work/volume-$owner" "$work/config.json")
  [ "$(starts "$work/volume-$owner" "$work/config.json")" = "$first" ] || { say "the next container has another key"; exit 1; }
  [ -z "$(find "$work/volume-$owner" -name '*.db' -empty)" ]
done
say "the original's config.json is taken where it is mounted, writable or not"

# An engine makes a folder where the file to mount is missing.
mkdir "$work/folder" && mkdir "$work/folder/config.json" && chown -R 1000:1000 "$work/folder"
if said=$(starts "$work/folder" 2>&1); then
  say "it starts with a folder as its settings"
  exit 1
fi
[[ $said == *"config.json"* && $said == *folder* ]] || { say "it does not say what is wrong: $said"; exit 1; }
say "a folder in place of the settings is said to be one"
