#!/usr/bin/env bash
# Lays out the image's file system: the program, and what Go reads of a system.
# There is no shell and no library in it, so there is nothing else to keep up to
# date. The Dockerfile and the test of the image both use this.
#
#   build/docker/root.sh PROGRAM ROOT STATE
#
# ROOT is what is read; STATE is an empty folder that becomes /app, where
# everything is written.
set -euo pipefail
program=$1 root=$2 state=$3

install -D -m 755 "$program" "$root/usr/bin/openaicompatible-server"
# Of this system: certificates to trust, and what TZ may name.
install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
mkdir -p "$root/usr/share"
cp -RL /usr/share/zoneinfo "$root/usr/share/zoneinfo"
# 1000 is the first person's id on most machines: files that such a person mounts
# can be written.
echo 'openaicompatible:x:1000:1000:OpenAICompatible:/app:/sbin/nologin' >"$root/etc/passwd"
echo 'openaicompatible:x:1000:' >"$root/etc/group"
install -d -m 1777 "$root/tmp"
install -d -m 755 -o 1000 -g 1000 "$state"
