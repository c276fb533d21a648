# Functions shared by the scripts in tools/ and by .ci/run. To be sourced by bash, not run.
# shellcheck shell=bash disable=SC2034

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/fiapx

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# need_platform refuses where the package names below would be wrong, and says what to do instead.
need_platform() {
  [ "$(uname -s)" = Linux ] || die "this script supports Debian 12, Debian 13 and Ubuntu; on $(uname -s), install Go, the FFmpeg libraries and ffmpeg yourself, then run 'go build .'"
  command -v apt-get >/dev/null || die "this script installs packages with apt-get (Debian 12, Debian 13, Ubuntu); here, install Go, gcc, pkg-config, the FFmpeg 5+ libraries with their headers, and ffmpeg yourself, then run 'go build .'"
}

# need_go looks for Go where its installers put it, too: a fresh login shell often lacks the path.
need_go() {
  command -v go >/dev/null || PATH=$PATH:/usr/local/go/bin:$HOME/go/bin
  command -v go >/dev/null || die "Go is missing: install Go 1.26 or newer from https://go.dev/dl/ and run this again"
  (cd "$ROOT" && go version >/dev/null 2>&1) || die "this Go ($(GOTOOLCHAIN=local go env GOVERSION)) is too old: install the version that go.mod names, or newer"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "installing packages needs root or sudo: run 'apt-get install $*' as root, then run this again"
  fi
}

# install_packages installs those of the named Debian packages that are missing. With none missing it touches nothing.
install_packages() {
  local package missing=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
}

# What the build needs: a C compiler and the FFmpeg libraries. The ffmpeg program makes sample clips and is the oracle of
# the tests; fiapx itself never runs it.
BUILD_PACKAGES=(gcc libc6-dev pkg-config libavformat-dev libavcodec-dev libavfilter-dev libswscale-dev libavutil-dev)
SAMPLE_PACKAGES=(ffmpeg)
# A browser opens the page in the tests where there is one; Ubuntu has no Debian package of it.
BROWSER_PACKAGES=(chromium)
TEST_PACKAGES=(ffmpeg zip unzip curl jq shellcheck)

# build_fiapx builds the program into bin/, with the version that git knows.
build_fiapx() {
  say "building fiapx"
  (cd "$ROOT" && CGO_ENABLED=1 go build -o bin/fiapx .)
}

# free_port prints a TCP port that nothing listens on now.
free_port() {
  local port
  for port in $(shuf -i 20000-32000 -n 50); do
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
  die "found no free TCP port between 20000 and 32000"
}

# wait_until SECONDS COMMAND... repeats the command until it succeeds.
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.1
  done
}

# answers HOST PORT PATH: is the HTTP status 200? Bash alone, so that a demo needs no curl.
answers() {
  local status
  exec 9<>"/dev/tcp/$1/$2" || return 1
  printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$3" "$1" >&9
  read -r _ status _ <&9 || true
  exec 9>&-
  [ "$status" = 200 ]
}

# go_tool NAME MODULE@VERSION prints the path of a developer's program, built once per version and Go release.
go_tool() {
  local dir
  dir=$CACHE/tools/${2//[\/@]/_}-$(go env GOVERSION)
  [ -x "$dir/$1" ] || { say "building $1 (${2##*@})"; (cd "$ROOT" && GOBIN=$dir GOFLAGS='' go install "$2") >&2; }
  echo "$dir/$1"
}
