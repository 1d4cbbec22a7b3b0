#!/bin/sh
# Runs each fuzz target of the module for FUZZTIME (60s), one after another.
set -eu
: "${GO:=go}" "${FUZZTIME:=60s}"
for pkg in $($GO list ./...); do
	for target in $($GO test -list '^Fuzz' "$pkg" | grep '^Fuzz' || true); do
		echo "== $pkg $target"
		$GO test -run '^$' -fuzz "^$target\$" -fuzztime "$FUZZTIME" -fuzzminimizetime 20x "$pkg"
	done
done
