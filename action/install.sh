#!/usr/bin/env bash
# Prints the path of the rendergate that belongs to this commit of the action.
# A release has its version and the digests of its binaries beside this script,
# so that whoever pins the action by SHA pins the bytes that run. Any other
# commit is built from its own source.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

fail() {
  echo "::error::rendergate: $1" >&2
  exit 2
}

case "${RUNNER_OS:-$(uname -s)}" in
  Linux) os=linux ext='' ;;
  macOS | Darwin) os=darwin ext='' ;;
  Windows | MINGW* | MSYS*) os=windows ext=.exe ;;
  *) fail "there is no binary for ${RUNNER_OS:-$(uname -s)}: build one with go install and set binary-path" ;;
esac
case "${RUNNER_ARCH:-$(uname -m)}" in
  X64 | x86_64 | amd64) arch=amd64 ;;
  ARM64 | arm64 | aarch64) arch=arm64 ;;
  *) fail "there is no binary for ${RUNNER_ARCH:-$(uname -m)}: build one with go install and set binary-path" ;;
esac

if [ ! -f "$here/version" ]; then
  command -v go >/dev/null || fail "this commit of the action is no release, and building it needs Go 1.26 or newer: add actions/setup-go before it, pin a release, or set binary-path"
  binary="${RUNNER_TEMP:-/tmp}/rendergate$ext"
  # The job's own Go settings are about the job's own module.
  (cd "$here/.." && CGO_ENABLED=0 GOFLAGS='' GOWORK=off go build -trimpath -buildvcs=false -o "$binary" ./cmd/rendergate) >&2
  echo "$binary"
  exit
fi

version=$(cat "$here/version")
asset="rendergate_${os}_${arch}${ext}"
expected=$(awk -v asset="$asset" '$2 == asset { print $1 }' "$here/checksums.txt")
[ -n "$expected" ] || fail "release $version has no digest of $asset: set binary-path"

digest() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

folder="${RUNNER_TOOL_CACHE:-${RUNNER_TEMP:-/tmp}}/rendergate/$version/$arch"
binary="$folder/rendergate$ext"
if [ ! -f "$binary" ] || [ "$(digest "$binary")" != "$expected" ]; then
  mkdir -p "$folder"
  fetched=$(mktemp "$folder/fetching.XXXXXX")
  trap 'rm -f "$fetched"' EXIT
  url="${RENDERGATE_MIRROR:-https://github.com/rendergate/rendergate/releases/download}/$version/$asset"
  curl --fail --silent --show-error --location --retry 3 --max-time 600 --output "$fetched" "$url" >&2 ||
    fail "$url cannot be had; set mirror to a copy of the releases, or binary-path to a binary"
  actual=$(digest "$fetched")
  [ "$actual" = "$expected" ] || fail "$url has sha256 $actual, not $expected, with which this commit of the action was released: it is not run"
  chmod 755 "$fetched"
  mv -f "$fetched" "$binary"
fi
echo "$binary"
