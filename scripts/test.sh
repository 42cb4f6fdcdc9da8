#!/usr/bin/env bash
# Sets everything up and runs all checks: format, lints, tests, documentation, reproducible guest, dependencies.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh
command -v node >/dev/null 2>&1 || { echo "test: \`node\` is missing; the escape suite compares with Node 20" >&2; exit 1; }

step() {
    printf '\n== %s (%ss)\n' "$1" "$SECONDS"
}

deny_version=0.20.2
if [ "$(.tools/bin/cargo-deny --version 2>/dev/null)" != "cargo-deny $deny_version" ]; then
    step "installing cargo-deny $deny_version"
    # It is run once: not worth optimising.
    CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256 \
        cargo install --quiet --locked --root .tools --version "$deny_version" cargo-deny
fi

if [ ! -f .tools/test262/.sha256 ]; then
    step "fetching the tests of the language"
fi
bash tests/conformance/fetch.sh .tools/test262

typescript_version=7.0.2
if [ ! -x .tools/typescript/node_modules/.bin/tsc ]; then
    step "installing typescript $typescript_version"
    mkdir -p .tools/typescript
    npm install --prefix .tools/typescript --no-audit --no-fund --silent "typescript@$typescript_version"
fi

# The servers that the tools of MCP are tested with, the conformance suite of the protocol, and the Node that it needs.
mcp_servers=host/tools/tests/servers
if ! cmp -s "$mcp_servers/package-lock.json" .tools/mcp/package-lock.json; then
    step "installing MCP servers and the conformance suite"
    mkdir -p .tools/mcp
    cp "$mcp_servers/package.json" .tools/mcp/
    cp "$mcp_servers/package-lock.json" .tools/mcp/
    npm ci --prefix .tools/mcp --no-audit --no-fund --silent --ignore-scripts || { rm .tools/mcp/package-lock.json; exit 1; }
fi

# What is off by default is checked as well.
features=(--features agentloop/otel)

step "format"
cargo fmt --all --check
step "lints"
cargo clippy --release --locked --workspace --all-targets "${features[@]}" --quiet -- -D warnings
step "unit and integration tests"
cargo test --release --locked --workspace "${features[@]}" --quiet --lib --bins --tests --examples
step "documentation tests"
cargo test --release --locked --workspace "${features[@]}" --quiet --doc
step "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --release --locked --workspace "${features[@]}" --no-deps --quiet
step "the same fuel in a debug build"
journal=$(mktemp -d)/run.jsonl
target/release/agentloop run -q examples/payment/pay.js --fixtures examples/payment/tools.json --record "$journal"
cargo run --locked --quiet -p agentloop-sandbox --example replay -- "$journal"
rm -r "$(dirname "$journal")"
step "reproducible guest"
bash scripts/reproducible.sh
step "dependencies"
.tools/bin/cargo-deny --locked --offline check --hide-inclusion-graph licenses bans sources
step "all checks passed"
