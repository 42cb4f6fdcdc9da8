#!/usr/bin/env bash
# Installs what the build needs beside Rust, Python 3 and Node: the pinned zig, and the libraries that run inside the
# sandbox, in .tools of this folder, nowhere else.
# Safe to run again; does nothing when everything is there.
set -euo pipefail
cd "$(dirname "$0")/.."

need() {
    command -v "$1" >/dev/null 2>&1 || { echo "setup: \`$1\` is missing; $2" >&2; exit 1; }
}
need cargo "install Rust 1.95 or later from https://rustup.rs"
need python3 "install Python 3.9 or later"
need node "install Node 20 or later"
need npm "install npm, which comes with Node"

wanted=$(sed -n 's/^ziglang==//p' guest-js/requirements.txt)
zig=.tools/python/ziglang/zig
if [ "$("$zig" version 2>/dev/null)" != "$wanted" ]; then
    echo "setup: installing zig $wanted" >&2
    rm -rf .tools/python
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
        --target .tools/python -r guest-js/requirements.txt
fi
if ! cmp --silent guest-js/library/package-lock.json .tools/library/package-lock.json ||
    [ ! -d .tools/library/node_modules/esbuild ]; then
    echo "setup: installing the libraries of the realm" >&2
    rm -rf .tools/library
    mkdir -p .tools/library
    cp guest-js/library/package.json guest-js/library/package-lock.json .tools/library/
    (cd .tools/library && npm ci --ignore-scripts --no-audit --no-fund --silent) || { rm -rf .tools/library; exit 1; }
fi
cargo fetch --locked --quiet
