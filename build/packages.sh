#!/usr/bin/env bash
# Makes the Linux packages of the programs that build/dist.sh has built:
#
#   build/packages.sh STAGE OUT VERSION
#
# The desktop program depends on the libraries of the distribution, the headless
# one on nothing. Neither has a script that runs at installation: what has to be
# done for icons, menu entries and units, the distribution does by itself, and a
# removal leaves nothing behind.
set -euo pipefail
stage=$1 out=$2 version=$3
tool=(go tool -modfile=build/tools/go.mod)
home=https://github.com/WenChunTech/OpenAICompatible
maintainer="WenChunTech <noreply@github.com>"

put() { # put MODE SOURCE TARGET
  install -D -m "$1" "$2" "$root$3"
}
text() { # text TARGET, from standard input
  mkdir -p "$(dirname "$root$1")"
  cat >"$root$1"
}

# described writes what a distribution wants beside the program.
described() { # described NAME RUNNABLE
  local name=$1 runnable=$2 doc=/usr/share/doc/$1
  "$runnable" manual | gzip -9n | text "/usr/share/man/man1/$name.1.gz"
  "$runnable" completion bash | text "/usr/share/bash-completion/completions/$name"
  "$runnable" completion fish | text "/usr/share/fish/vendor_completions.d/$name.fish"
  "$runnable" completion zsh | text "/usr/share/zsh/$zsh/_$name"
  put 644 "build/linux/$name.service" "/usr/lib/systemd/user/$name.service"
  put 644 "$stage/THIRD-PARTY-LICENCES.txt" "$doc/THIRD-PARTY-LICENCES.txt"
  {
    printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: OpenAICompatible\nSource: %s\n' "$home"
    printf 'Comment: What others made of it stands in THIRD-PARTY-LICENCES.txt beside this file.\n\nFiles: *\n%s\nLicense: Expat\n' \
      "$(sed -n 's/^Copyright (c)/Copyright:/p' LICENSE)"
    # A blank line of a paragraph is a dot.
    sed '1,/^Copyright/d' LICENSE | sed '1{/^$/d}; s/^$/./; s/^/ /'
  } | text "$doc/copyright"
  printf '%s (%s) unstable; urgency=medium\n\n  * %s/releases\n\n -- %s  %s\n' \
    "$name" "$version-1" "$home" "$maintainer" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")" |
    gzip -9n | text "$doc/changelog.Debian.gz"
}

desktop() {
  put 755 "$1" /usr/bin/openaicompatible
  put 644 build/linux/openaicompatible.desktop /usr/share/applications/openaicompatible.desktop
  put 644 build/linux/openaicompatible.png /usr/share/icons/hicolor/256x256/apps/openaicompatible.png
  local icon size
  for icon in build/linux/icons/*.png; do
    size=$(basename "$icon" .png)
    put 644 "$icon" "/usr/share/icons/hicolor/${size}x$size/apps/openaicompatible.png"
  done
  sed "s/@VERSION@/$version/; s/@DATE@/$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)/" build/linux/metainfo.xml |
    text /usr/share/metainfo/io.github.wenchuntech.openaicompatible.metainfo.xml
}

# needs says what a program must find at a distribution, as nfpm reads it.
needs() { # needs FORMAT PROGRAM
  case "$1" in
    deb)
      # The C library that its symbols are from, or a later one.
      local libc
      libc=$(objdump -T "$2" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1)
      printf 'depends: [ "libc6 (>= %s)", "libgtk-3-0 | libgtk-3-0t64", libwebkit2gtk-4.1-0, libayatana-appindicator3-1 ]\nrecommends: [ xdg-utils ]\n' "${libc#GLIBC_}"
      ;;
    rpm)
      # By the libraries' own names: Fedora and openSUSE name the packages differently.
      printf 'depends: [ "libgtk-3.so.0()(64bit)", "libwebkit2gtk-4.1.so.0()(64bit)", "libayatana-appindicator3.so.1()(64bit)" ]\nrecommends: [ xdg-utils ]\n'
      ;;
    archlinux) printf 'depends: [ gtk3, webkit2gtk-4.1, libayatana-appindicator ]\nsuggests: [ xdg-utils ]\n' ;;
  esac
}

# pack makes one package of one format.
pack() { # pack NAME ARCHITECTURE FORMAT PROGRAM RUNNABLE
  local name=$1 architecture=$2 format=$3 program=$4 runnable=$5
  root=$stage/root zsh=site-functions
  [ "$format" = deb ] && zsh=vendor-completions
  rm -rf "$root"
  mkdir -p "$root"
  described "$name" "$runnable"
  local summary="One OpenAI-compatible address for all your model accounts"
  if [ "$name" = openaicompatible ]; then desktop "$program"; else
    put 755 "$program" "/usr/bin/$name"
    summary+=", headless"
    # It runs on any distribution for it links to nothing of one.
    [ "$format" != deb ] || echo "$name: statically-linked-binary [usr/bin/$name]" | text "/usr/share/lintian/overrides/$name"
  fi
  find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

  local packaged=$version
  # pacman has no sign for "before"; letters sort so.
  [ "$format" = archlinux ] && packaged=${version//\~/}
  {
    printf 'name: %s\narch: %s\nversion: "%s"\nversion_schema: none\nrelease: "1"\nsection: net\npriority: optional\n' "$name" "$architecture" "$packaged"
    printf 'maintainer: "%s"\nvendor: WenChunTech\nhomepage: %s\nmtime: "%s"\n' "$maintainer" "$home" "$(date -u -d "@$SOURCE_DATE_EPOCH" +%FT%TZ)"
    printf 'description: |\n  %s\n  A proxy for IDE plugins and coding agents. It speaks the protocols of\n  OpenAI, Anthropic, Gemini and Ollama, shares the requests among your\n  accounts, and shows each of them in a live log.\n' "$summary"
    # A .deb says its licence in the copyright file alone.
    [ "$format" = deb ] || echo "license: MIT"
    # The name of the machine that packed it is nobody's concern.
    printf 'rpm:\n  buildhost: localhost\n  group: Applications/Internet\n  summary: %s\n' "$summary"
    printf 'archlinux:\n  packager: "%s"\n' "$maintainer"
    [ "$name" != openaicompatible ] || needs "$format" "$program"
    printf 'contents:\n'
    find "$root" -type f -printf '%P %m\n' | sort | while read -r file mode; do
      printf '  - { src: "%s", dst: "/%s", file_info: { mode: 0%s } }\n' "$root/$file" "$file" "$mode"
    done
  } >"$stage/nfpm.yaml"
  "${tool[@]}" nfpm package --config "$stage/nfpm.yaml" --packager "$format" --target "$out" >/dev/null
}

native=$(go env GOARCH)
for format in deb rpm archlinux; do
  for architecture in amd64 arm64; do
    runnable=$stage/openaicompatible-server_linux_$native/openaicompatible-server
    program=$stage/openaicompatible-server_linux_$architecture/openaicompatible-server
    [ ! -x "$program" ] || pack openaicompatible-server "$architecture" "$format" "$program" "$runnable"
    program=$stage/openaicompatible_linux_$architecture/openaicompatible
    [ ! -x "$program" ] || pack openaicompatible "$architecture" "$format" "$program" "$program"
  done
done
find "$out" -maxdepth 1 \( -name '*.deb' -o -name '*.rpm' -o -name '*.pkg.tar.zst' \) -printf '  %P\n' | sort
