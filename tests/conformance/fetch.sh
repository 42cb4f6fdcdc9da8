#!/usr/bin/env bash
# Brings test262 into a folder: tests/conformance/fetch.sh FOLDER. The tests are part of a Debian source package, which
# is taken from the mirror that this machine's own apt is set up with and checked against the sum in test262.json.
set -euo pipefail

folder=${1:?usage: fetch.sh FOLDER}
pin=$(dirname "$0")/test262.json

field() {
    sed -n "s/^ *\"$1\": \"\\(.*\\)\",\\{0,1\\}\$/\\1/p" "$pin"
}

mirror() {
    cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null |
        sed -n -e 's/^URIs: *//p' -e 's/^deb  *\([^[][^ ]*\) .*/\1/p' | sed 's:/*$::' | grep -m 1 '/debian$'
}

sum=$(field sha256)
if [ "$(cat "$folder/.sha256" 2>/dev/null)" = "$sum" ]; then
    exit 0
fi
parent=$(dirname "$folder")
mkdir -p "$parent"
work=$(mktemp -d "$parent/test262.XXXXXX")
trap 'rm -rf "$work"' EXIT
archive=$work/archive.tar.xz
curl --fail --silent --show-error --location --retry 3 --output "$archive" "$(mirror)/$(field path)"
echo "$sum  $archive" | sha256sum --check --quiet

# `--strip-components` leaves what is below the folder of the tests.
tests=$(field folder)
depth=$(tr -cd / <<<"$tests" | wc -c)
mkdir "$work/tests"
tar --extract --xz --file "$archive" --directory "$work/tests" --strip-components $((depth + 1)) \
    "$tests"/{annexB,built-ins,language,shell.js,LICENSE}
echo "$sum" >"$work/tests/.sha256"
rm -rf "$folder"
mv "$work/tests" "$folder"
