#!/usr/bin/env bash
# Builds the guest again in another folder, with another cache, and compares the component byte for byte.
set -euo pipefail
cd "$(dirname "$0")/.."

# Builds the guest from the current folder and prints the digest of its component.
digest() {
    local folder
    folder=$(cargo build --release --locked --quiet -p agentloop-guest --target-dir "$target" --message-format=json |
        python3 -c '
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message["reason"] == "build-script-executed" and "guest-js" in message["package_id"]:
        print(message["out_dir"])
')
    sha256sum < "$folder/agentloop.wasm"
}

target=$PWD/target
zig=$PWD/.tools/python/ziglang/zig
modules=$PWD/.tools/library/node_modules
elsewhere=$(mktemp -d)
trap 'rm -rf "$elsewhere"' EXIT
git ls-files -z --cached --others --exclude-standard | tar --create --null --files-from=- | tar --extract --directory="$elsewhere"

first=$(digest)
second=$(cd "$elsewhere" && AGENTLOOP_ZIG=$zig AGENTLOOP_NODE_MODULES=$modules ZIG_GLOBAL_CACHE_DIR=$elsewhere/.zig ZIG_LOCAL_CACHE_DIR=$elsewhere/.zig digest)
if [ "$first" != "$second" ]; then
    echo "reproducible: two builds of the guest differ: ${first%% *} and ${second%% *}" >&2
    exit 1
fi
echo "reproducible: ${first%% *} twice"
