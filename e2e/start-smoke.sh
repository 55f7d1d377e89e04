#!/usr/bin/env bash
# A new user's first minute: `npm start` with nothing configured, messages flow, SIGTERM ends it with 0.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

work=$(mktemp -d)
export DATA_DIR=$work/data PORT=0 DEMO=on
unset DATABASE_URL REDIS_URL TELEGRAM_BOT_TOKEN
log=$work/start.log
PORT=$(node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')

npm start >"$log" 2>&1 &
app=$!

fail() {
  echo "start smoke: $1" >&2
  tail -n 40 "$log" >&2
  kill -TERM "$app" 2>/dev/null && wait "$app"
  exit 1
}

sent_count() {
  npx --no-install gavatcore status --json 2>/dev/null | node -e '
    let text = ""
    process.stdin.on("data", (chunk) => (text += chunk)).on("end", () => {
      try { console.log(JSON.parse(text).deliveries.sent) } catch { console.log(0) }
    })'
}

deadline=$((SECONDS + 180))
sent=0
while [ "$sent" -eq 0 ]; do
  kill -0 "$app" 2>/dev/null || fail 'the server ended by itself'
  [ "$SECONDS" -lt "$deadline" ] || fail 'nothing was sent within 180 s'
  sleep 2
  sent=$(sent_count)
done
echo "sent after ${SECONDS}s: $sent"

for path in /healthz /readyz /metrics /version; do
  node -e 'fetch(process.argv[1]).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))' "http://127.0.0.1:$PORT$path" ||
    fail "$path does not answer 200"
done

npx --no-install gavatcore guard audit --json >"$work/audit.json" || fail "guard audit: $(cat "$work/audit.json")"

if npm start >"$work/second.log" 2>&1; then fail 'a second start on the same data did not refuse'; fi

kill -TERM "$app"
wait "$app"
code=$?
[ "$code" -eq 0 ] || fail "SIGTERM ended it with $code"
rm -rf "$work"
echo 'start smoke: started, sent, refused a second start, stopped with 0'
