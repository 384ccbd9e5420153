#!/bin/sh
# Lets the JDK record what starting Weft needs (classes found, linked and profiled; JEP 483, 514, 515) in a file beside the
# jars, which every later start takes where it fits the JDK. Without it everything works, only slower, so a failure here
# is said and passed over.
#   start-up-cache.sh tree FOLDER     of the runnable tree: FOLDER/lib/weft.aot
#   start-up-cache.sh image FOLDER    of the application image: FOLDER/lib/app/weft.aot
kind=${1:?tree or image}
folder=$(CDPATH= cd -P "${2:?the folder}" && pwd) || exit 2
log=$folder/../start-up-cache.log
case $kind in
    tree)
        cache=$folder/lib/weft.aot
        rm -f "$cache" "$cache.config"
        WEFT_JAVA_OPTS="-XX:AOTCacheOutput=$cache" "$folder/bin/weft" --rehearse >"$log" 2>&1
        ;;
    image)
        app=$folder/lib/app
        cache=$app/weft.aot
        rm -f "$cache" "$cache.config"
        # The same class path and options as the launcher's, but for the cache that isn't there yet.
        set --
        while IFS= read -r line; do
            case $line in
                *AOTCache*) ;;
                java-options=*) set -- "$@" "$(printf '%s' "${line#java-options=}" | sed "s|\$APPDIR|$app|g")" ;;
            esac
        done <"$app/weft.cfg"
        classpath=$(sed -n "s|^app.classpath=\$APPDIR|$app|p" "$app/weft.cfg" | paste -s -d : -)
        "$folder/lib/runtime/bin/java" "-XX:AOTCacheOutput=$cache" "$@" -cp "$classpath" weft.app.Launcher --rehearse \
            >"$log" 2>&1
        ;;
    *)
        echo "start-up-cache.sh: tree or image, not $kind" >&2
        exit 2
        ;;
esac
rm -f "$cache.config"
[ -f "$cache" ] || echo "No start-up cache was made: see $log" >&2
exit 0
