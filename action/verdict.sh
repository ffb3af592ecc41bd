#!/usr/bin/env bash
# Ends the action as `check` ended: CODE, but for a regression where FAIL is false.
set -euo pipefail

case $VERDICT in
    ok) exit 0 ;;
    regressed) if [[ $FAIL != false ]]; then exit "$CODE"; fi ;;
    *) exit "${CODE:-2}" ;;
esac
