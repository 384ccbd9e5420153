#!/bin/sh
# Lets the JDK record what starting Weft needs (classes found, linked and profiled) in lib/weft.aot of the runnable tree
# $1. bin/weft takes it where it fits the JDK; without it everything works, only slower, so a failure here is said and
# passed over. JEP 483, 514, 515.
tree=${1:?the runnable tree}
cache=$tree/lib/weft.aot
rm -f "$cache" "$cache.config"
WEFT_JAVA_OPTS="-XX:AOTCacheOutput=$cache" "$tree/bin/weft" --rehearse >"$tree/../start-up-cache.log" 2>&1
rm -f "$cache.config"
[ -f "$cache" ] || echo "No start-up cache was made: see $tree/../start-up-cache.log" >&2
