#!/usr/bin/env bash
# Runs `NEW check`, against OLD where there is one, with ARGS, and leaves the run, its report and the chart in a folder. Ends
# well whatever came out: the verdict is an output, and later steps still have to store what was found.
set -uo pipefail

folder=${RUNNER_TEMP:?}/parbench
# An earlier use in the same job has uploaded what was there.
rm -rf "$folder"
mkdir -p "$folder"
printf 'folder=%s\n' "$folder" >>"$GITHUB_OUTPUT"

# Blanks and line ends separate arguments; nothing else is special.
read -r -d '' -a arguments <<<"${ARGS:-}"
# The first of these makes the list never empty, which the bash of macOS takes for an unset one.
arguments=(--chart "$folder/report.svg" ${arguments[@]+"${arguments[@]}"})
if [[ -n ${OLD:-} ]]; then arguments+=(--against "$OLD"); fi
exports=(--export "json:$folder/run.json" --export "md:$folder/report.md" --export "junit:$folder/junit.xml")
# Versions differ in their formats.
if "$NEW" list | grep -q '^ *html '; then exports+=(--export "html:$folder/report.html"); fi

part=$folder/.summary
GITHUB_STEP_SUMMARY=${GITHUB_STEP_SUMMARY:+$part} "$NEW" check "${arguments[@]}" "${exports[@]}"
code=$?
if [[ -f $part ]]; then "$(dirname "$0")/summary.sh" "$part"; fi
rm -f "$part"

case $code in
    0) verdict=ok ;;
    1) verdict=regressed ;;
    3) verdict=unsettled ;;
    *) verdict=failed ;;
esac
printf '%s\n' "$verdict" >"$folder/verdict"
printf 'verdict=%s\nexit-code=%s\n' "$verdict" "$code" >>"$GITHUB_OUTPUT"
