#!/usr/bin/env bash
# Starts the engine on a free port, runs the clients that are installed, and lists the others.
# PYTHON and NODE_MODULES choose a Python and a folder of JavaScript packages.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=${PYTHON:-python3}
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; rm -rf "$work"' EXIT

go build -C "$root" -o "$work/dynamapper" ./cmd/dynamapper
"$work/dynamapper" serve -addr 127.0.0.1:0 >"$work/out" 2>"$work/err" &
pid=$!
address=
for _ in $(seq 100); do
  address=$(grep -oE '127\.0\.0\.1:[0-9]+' "$work/out" | head -n 1 || true)
  [ -z "$address" ] || break
  sleep 0.1
done
if [ -z "$address" ]; then
  echo "the engine does not start:"
  cat "$work/out" "$work/err"
  exit 1
fi
export AWS_ENDPOINT_URL_DYNAMODB=http://$address

failed=0
run() {
  "$@" || failed=1
}

for module in boto3 pynamodb; do
  if "$python" -c "import $module" 2>/dev/null; then
    run "$python" "$here/${module}_client.py"
  else
    echo "$module: not installed, not run"
  fi
done

# Node looks for packages beside the script, so the script runs beside them.
modules=${NODE_MODULES:-$here/node_modules}
if command -v node >/dev/null && [ -d "$modules/@aws-sdk/lib-dynamodb" ]; then
  cp "$here/document_client.mjs" "$work/"
  ln -s "$(cd "$modules" && pwd)" "$work/node_modules"
  run env NODE_NO_WARNINGS=1 node "$work/document_client.mjs"
else
  echo "document client: not installed, not run"
fi
exit "$failed"
