#!/usr/bin/env bash
# Sets everything up and runs a real example: a script that calls tools in parallel and joins what they answer.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh
cargo build --release --locked --quiet -p agentloop-cli
exec target/release/agentloop run examples/parallel-join.js --fixtures examples/parallel-join.fixtures.json -v
