#!/usr/bin/env bash
# Sets everything up and runs two real examples: a script that calls tools in parallel and joins what they answer, and a recorded
# conversation with a model that writes such scripts.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh
cargo build --release --locked --quiet -p agentloop-cli
target/release/agentloop run examples/parallel-join.js --fixtures examples/parallel-join.fixtures.json -v
printf '\n'
exec target/release/agentloop run --prompt 'Who owes us money, and how much?' \
    --fixtures examples/invoices/fixtures.json --cassette examples/invoices/cassette.jsonl
