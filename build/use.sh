#!/usr/bin/env bash
# Uses a program as a person would who has nothing but bash: starts it, waits
# until it is well, asks the demo one question, and ends it. It prints the key
# that the program gave, so that the caller can see whether it is kept.
#
#   build/use.sh PROGRAM SERVE-ARGUMENTS...
#
# PORT is where it listens, ENDS how it is told to end (a signal's name).
set -euo pipefail
program=$1 port=${PORT:-8080}
shift

logs=$(mktemp)
"$program" "$@" >"$logs" 2>&1 &
running=$!
trap 'kill "$running" 2>/dev/null || true; rm -f "$logs"' EXIT

fail() {
  echo "$*" >&2
  cat "$logs" >&2
  exit 1
}

# A hundred tries are half a minute: the first start of a window takes a while.
for ((try = 0; ; try++)); do
  "${HEALTH:-$program}" health --host 127.0.0.1 --port "$port" >/dev/null 2>&1 && break
  kill -0 "$running" 2>/dev/null || fail "$program ended by itself"
  [ "$try" -lt 100 ] || fail "$program does not answer"
  sleep 0.3
done

# The headless program prints its key; the window's is the caller's to give.
key=${KEY:-$(sed -n 's/^ *API key *//p' "$logs")}
body='{"model":"demo/chat","messages":[{"role":"user","content":"Hello"}]}'
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' \
  "$port" "$key" "${#body}" "$body" >&3
answer=$(cat <&3)
exec 3<&-
[[ $answer == "HTTP/1.1 200"* && $answer == *'"role":"assistant"'* ]] || fail "it answers with: $answer"
[ -z "${MEANWHILE:-}" ] || bash -c "$MEANWHILE" || fail "while it ran: $MEANWHILE"

kill -"${ENDS:-TERM}" "$running"
code=0
wait "$running" || code=$?
[ "$code" -eq 0 ] || fail "told to end, $program ended with $code"
echo "$key"
