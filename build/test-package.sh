#!/usr/bin/env bash
# Installs the .deb packages of dist/ in a fresh system as apt does for anybody,
# uses both programs there, upgrades with the data kept, removes them, and looks
# for what they left behind. Before that, what can be checked without installing.
#
# The fresh system is made by debootstrap, of the release and from the mirror
# that this machine has, and runs in namespaces of its own: nothing of it reaches
# the machine, and the programs in it have no network.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" -eq 0 ] || exec sudo --preserve-env=PATH,HOME,GOPATH,GOCACHE,GOPROXY "$0" "$@"

cache=$PWD/bin/cache stage=dist/.stage
architecture=$(dpkg --print-architecture)
say() { printf 'package: %s\n' "$*"; }

deb() { ls "$1/$2"_*_"$architecture".deb; }

check() {
  local file text
  for file in "$(deb dist openaicompatible)" "$(deb dist openaicompatible-server)"; do
    lintian --allow-root --fail-on error --suppress-tags initial-upload-closes-no-bugs "$file"
  done
  desktop-file-validate build/linux/openaicompatible.desktop
  text=$(mktemp -d)
  dpkg-deb -x "$(deb dist openaicompatible)" "$text"
  appstreamcli validate --no-net "$text"/usr/share/metainfo/*.xml
  # troff says what it does not understand.
  zcat "$text/usr/share/man/man1/openaicompatible.1.gz" | groff -man -Tutf8 -ww 2>&1 >/dev/null | { ! grep .; }
  rm -rf "$text"
  for file in dist/*.rpm; do rpm -qp --qf '%{NAME} %{VERSION} %{ARCH}: %{SUMMARY}\n' "$file"; done
  say "lintian, desktop entry, AppStream, man page and rpm are well"
}

# fresh makes the system, from the cache if it was made before.
fresh() {
  local codename mirror components
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mirror=$(apt-get indextargets --format '$(SITE)' "Codename: $codename" "Created-By: Packages" | head -n 1)
  components=$(. /etc/os-release && { [ "$ID" = ubuntu ] && echo main,universe || echo main; })
  mkdir -p "$cache/apt"
  if [ ! -s "$cache/root-$codename.tar" ]; then
    say "making a fresh $codename with debootstrap"
    debootstrap --variant=minbase --components="$components" "$codename" "$root" "$mirror" >"$cache/debootstrap.log"
    tar -C "$root" -cf "$cache/root-$codename.tar.new" .
    mv "$cache/root-$codename.tar.new" "$cache/root-$codename.tar"
  else
    tar -C "$root" -xf "$cache/root-$codename.tar"
  fi
  chmod 755 "$root"
  mount --bind "$cache/apt" "$root/var/cache/apt/archives"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  # How the machine reaches its mirror, the fresh system does too.
  cp -R /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
  mkdir "$root/packages"
  cp dist/*"$architecture".deb build/use.sh "$root/packages/"
  mkdir "$root/packages/older"
  cp "$stage"/older/*"$architecture".deb "$root/packages/older/"
  inside useradd --create-home --home-dir /srv/person person
  inside apt-get -q -o APT::Sandbox::User=root update >/dev/null
}

inside() { DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" "$@"; }

apt() { inside apt-get -q -y -o Dpkg::Use-Pty=0 -o APT::Sandbox::User=root --no-install-recommends "$@" >"$root/var/log/said" 2>&1 || { cat "$root/var/log/said"; return 1; }; }

# person runs something as a person of the fresh system, without network.
person() {
  unshare --net bash -c 'ip link set lo up && exec "$@"' person \
    chroot --userspec=person "$root" env -i PATH=/usr/bin:/bin HOME=/srv/person "${with[@]}" "$@"
}
with=()

gone() { # gone NAME: removes the package, and finds what stays
  local left file
  left=$(inside dpkg -L "$1")
  apt purge "$1"
  for file in $left; do
    [ -e "$root$file" ] || continue
    inside dpkg -S "$file" >/dev/null 2>&1 || { say "$1 leaves $file behind"; return 1; }
  done
  left=$(find "$root" -xdev -name '*openaicompatible*' ! -path "$root/srv/person/*" ! -path "$root/packages/*")
  [ -z "$left" ] || { say "left behind: $left"; return 1; }
}

headless() {
  apt install ./packages/"$(basename "$(deb dist openaicompatible-server)")"
  local version
  version=$(person openaicompatible-server version)
  [ "$version" = "$(build/version.sh)" ] || { say "the package has $version, this is $(build/version.sh): make dist first"; return 1; }
  person bash /packages/use.sh openaicompatible-server serve --demo >/dev/null
  gone openaicompatible-server
  rm -rf "$root"/srv/person/.config "$root"/srv/person/.local
  say "the headless package runs where nothing else is installed, and goes without a trace"
}

desktop() {
  local older newer key
  older=packages/older/$(basename "$(deb "$stage/older" openaicompatible)") newer=packages/$(basename "$(deb dist openaicompatible)")
  apt install "./$older"
  key=$(person bash /packages/use.sh openaicompatible serve --demo)
  say "the desktop package is installed with what it depends on, and serves"

  # What a person has who sits at it: a screen, and a session.
  apt install xvfb xauth dbus x11-utils
  with=(KEY="$key" HEALTH=openaicompatible MEANWHILE='for i in {1..50}; do xwininfo -root -tree | grep -q "\"OpenAICompatible\"" && exit; sleep 0.2; done; exit 1')
  sed -i 's/^{/{ "demo": true,/' "$root/srv/person/.config/openaicompatible/config.json" 2>/dev/null ||
    echo '{ "version": 1, "demo": true }' | inside tee /srv/person/.config/openaicompatible/config.json >/dev/null
  person dbus-run-session -- xvfb-run -a bash /packages/use.sh openaicompatible >/dev/null
  with=()
  say "its window opens"

  apt install "./$newer"
  [ "$(inside dpkg-query -W -f '${Version}' openaicompatible)" = "$(build/version.sh package)-1" ]
  [ "$(person bash /packages/use.sh openaicompatible serve)" = "$key" ] || { say "the upgrade lost the key"; return 1; }
  gone openaicompatible
  say "an upgrade keeps the data, and a removal leaves nothing but them"
}

if [ "${1:-}" != inside ]; then
  [ -n "$(ls dist/*_"$architecture".deb 2>/dev/null)" ] || {
    echo "test-package: there is no .deb in dist: make dist first" >&2
    exit 1
  }
  mkdir -p "$stage/older"
  SOURCE_DATE_EPOCH=$(build/version.sh time) build/packages.sh "$stage" "$stage/older" 0.0.0~0 >/dev/null
  check
  # Mounts and processes end with the namespaces.
  exec unshare --mount --pid --fork --kill-child "$0" inside
fi
root=$(mktemp -d)
trap 'cd /; umount -R "$root/dev" "$root/proc" "$root/var/cache/apt/archives" 2>/dev/null || true; rm -rf --one-file-system "$root"' EXIT
fresh
headless
desktop
