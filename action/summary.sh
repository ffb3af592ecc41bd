#!/usr/bin/env bash
# Adds the file named by its argument to the step's summary, cut at a whole line where GitHub would refuse all of it.
set -uo pipefail

# The most that GitHub takes as a step's summary.
most=${SUMMARY_LIMIT:-1048576}

summary=${GITHUB_STEP_SUMMARY:-}
if [[ -z $summary ]]; then exit 0; fi

touch "$summary"
room=$((most - $(wc -c <"$summary")))
if (($(wc -c <"$1") <= room)); then
    cat "$1" >>"$summary"
    exit
fi
kept=$(head -c "$((room > 200 ? room - 200 : 0))" "$1" | sed '$d')
printf '%s\n\nThe rest is in the artifact: the summary may have 1 MiB.\n' "$kept" >>"$summary"
