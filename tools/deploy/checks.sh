# What the areas of ./tools/test-deploy are written with. To be sourced by bash after lib.sh, not run.
#
# An area is a file tools/deploy/AREA.sh with one function check_AREA. It says what it does with
#
#   check TITLE COMMAND...   runs the command; its output is shown only when it fails. A failure does not end the run
#   skip TITLE WHY           notes what was not checked here, and why
#   cleanup COMMAND...       is run at the end, the last first
#
# and keeps to what costs seconds while `quick` is true. $WORK is a folder of its own that goes away at the end.
# shellcheck shell=bash disable=SC2034

QUICK='' WORK=$(mktemp -d)
CHECKED=() SKIPPED=() FAILED=() CLEANUPS=()

quick() { [ -n "$QUICK" ]; }

check() {
  local title=$1 begun=${EPOCHREALTIME/[.,]/} took
  shift
  if ("$@") >"$WORK/output" 2>&1; then
    took=$(((${EPOCHREALTIME/[.,]/} - begun) / 1000))
    CHECKED+=("$title")
    printf '  ok      %s (%d.%d s)\n' "$title" $((took / 1000)) $((took % 1000 / 100))
  else
    FAILED+=("$title")
    printf '  FAILED  %s\n' "$title"
    sed 's/^/          /' "$WORK/output"
  fi
}

skip() {
  SKIPPED+=("$1")
  printf '  skipped %s: %s\n' "$1" "$2"
}

cleanup() { CLEANUPS+=("$*"); }

finish_checks() {
  local i
  for ((i = ${#CLEANUPS[@]} - 1; i >= 0; i--)); do eval "${CLEANUPS[i]}" >/dev/null 2>&1 || true; done
  rm -rf "$WORK"
}

summary() {
  printf '\n%d passed, %d failed, %d skipped\n' ${#CHECKED[@]} ${#FAILED[@]} ${#SKIPPED[@]}
  [ ${#FAILED[@]} -eq 0 ] || die "failed: $(printf '%s; ' "${FAILED[@]}")"
  [ ${#CHECKED[@]} -gt 0 ] || die "nothing was checked"
}
