#!/usr/bin/env bash
# Starts the hub as README says, sends it a line, finds it again, and stops it.
set -euo pipefail
cd "$(dirname "$0")/.."
data="$(mktemp -d)"
cat > "$data/earshot.yaml" <<YAML
data_dir: $data/data
disk: { warn_free_bytes: 0, min_free_bytes: 0 }
YAML
cp "$data/earshot.yaml" earshot.yaml
# npm passes no signal on: the whole group is told.
set -m
npm start > "$data/log" 2>&1 &
hub=$!
stop() {
  kill -- -"$hub" 2>/dev/null || true
  for _ in $(seq 1 100); do
    if ! kill -0 -- -"$hub" 2>/dev/null; then break; fi
    sleep 0.2
  done
  rm -f earshot.yaml
  rm -rf "$data" || true
}
trap stop EXIT
for _ in $(seq 1 120); do
  if grep -q 'Earshot is listening' "$data/log"; then break; fi
  sleep 0.5
done
cat "$data/log"
marker="try-start-$$"
logger --tcp --server 127.0.0.1 --port 5514 "hello $marker"
for _ in $(seq 1 20); do
  if npx earshot search "$marker" | grep -q "hello $marker"; then echo "found: $marker"; exit 0; fi
  sleep 0.5
done
echo "not found: $marker"
exit 1
