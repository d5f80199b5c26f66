#!/usr/bin/env bash
# run_ensemble.sh PROGRAM CONFIG COUNT [ARGUMENT...]: starts members 1 to COUNT of an ensemble, each as
# `MEMBER=N PROGRAM run CONFIG --set node.id=N ARGUMENT...`, shows their logs line by line behind their numbers and
# who leads, and stops them together on SIGINT or SIGTERM. A member that ends by itself is named, and the others go on.
set -euo pipefail

program=$1 config=$2 count=$3
shift 3

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
declare -A members=()  # number by process
printers=()
stopping=false
failed=false

say() { printf 'ensemble | %s\n' "$*"; }

# Shows the log of member $1. It ends with its member, not by the signal that stops the ensemble.
show_log() {
  trap '' INT TERM
  local line
  while IFS= read -r line; do
    printf '%8s | %s\n' "$1" "$line"
    if [[ $line =~ \ info\ leading\ epoch=([0-9]+) ]]; then
      say "member $1 leads, in epoch ${BASH_REMATCH[1]}"
    fi
  done
}

# In a session of its own, so that Ctrl-C reaches it once: by us. It stops as well when this script is killed.
start_member() {
  local pipe=$folder/$1
  mkfifo "$pipe"
  show_log "$1" <"$pipe" &
  printers+=($!)
  MEMBER=$1 setsid setpriv --pdeathsig TERM -- \
    "$program" run "$config" --set "node.id=$1" "${@:2}" </dev/null >"$pipe" 2>&1 &
  members[$!]=$1
}

stop_members() {
  if ! $stopping; then
    say "stopping members ${members[*]}"
  fi
  stopping=true
  kill -TERM "${!members[@]}" 2>/dev/null || true
}

# Notes that the process $1 has ended with exit code $2.
note_end() {
  local number=${members[$1]}
  unset "members[$1]"
  if (($2 != 0)) || ! $stopping; then
    failed=true
  fi
  if $stopping; then
    say "member $number stopped, exit code $2"
  else
    say "member $number ended by itself, exit code $2; left: ${members[*]:-none}"
  fi
}

trap stop_members INT TERM
for ((number = 1; number <= count; ++number)); do
  start_member "$number" "$@"
done
while ((${#members[@]} > 0)); do
  code=0
  wait -n -p ended "${!members[@]}" || code=$?
  # Without one that has ended it was a signal that ended the wait.
  if [[ -n ${ended:-} ]]; then
    note_end "$ended" "$code"
  fi
done
wait "${printers[@]}"
! $failed
