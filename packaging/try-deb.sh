#!/bin/sh
# Installs the package, uses it as a user would, and removes it. As root, on a Debian one may spoil: a container, a CI machine.
#   packaging/try-deb.sh target/image/weft_1.0.0_amd64.deb
set -eu
deb=${1:?the package}
fail() {
    echo "try-deb: $1" >&2
    exit 1
}
export DEBIAN_FRONTEND=noninteractive
apt-get install -y --no-install-recommends "$(CDPATH= cd "$(dirname "$deb")" && pwd)/$(basename "$deb")"

# The command, found by its name, with no JDK in sight.
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
run() { env -i PATH=/usr/bin:/bin HOME="$room" LANG=C.UTF-8 "$@"; }
run weft --version | grep -q '^weft [0-9]' || fail "weft --version"
samples=/opt/weft/lib/app/samples
run weft inspect $samples/hf --json | grep -q '"gpt2/hf"' || fail "weft inspect"
run weft convert $samples/openai-tf --target gpt2/scratch-split -o "$room/model.pt" || fail "weft convert"
[ -s "$room/model.pt" ] || fail "nothing was written"
run weft generate $samples/hf --prompt "Once upon a time" | grep -q 'Once upon a time' || fail "weft generate"

# Menu entry, icon and file types.
desktop=/usr/share/applications/weft-weft.desktop
grep -q '^Exec=/opt/weft/bin/weft %f$' $desktop || fail "the menu entry doesn't hand over files"
[ -s /opt/weft/lib/weft.png ] || fail "no icon"
for ending in safetensors ckpt pt pth bin index h5 keras gguf npz onnx; do
    grep -q "application/x-weft-$ending[;]*" $desktop || fail "Weft doesn't offer to open .$ending"
    grep -qsF "<glob pattern=\"*.$ending\">" /usr/share/mime/packages/weft.xml || fail "no MIME type for .$ending"
    if command -v update-mime-database >/dev/null; then
        grep -qF ":application/x-weft-$ending:*.$ending" /usr/share/mime/globs2 || fail ".$ending isn't known to the desktop"
    fi
done

# The window, where an X server can be had: opened, still there after a while, and something painted in it. An empty
# picture packs into next to nothing.
if command -v xvfb-run >/dev/null; then
    run xvfb-run -a -s "-screen 0 1440x900x24 -fbdir $room" sh -c '
        weft --sample & window=$!
        for second in $(seq 60); do
            sleep 1
            [ "$(gzip -c "$1/Xvfb_screen0" | wc -c)" -gt 30000 ] && touch "$1/painted" && break
        done
        sleep 5
        kill $window' sh "$room" || fail "the window closed by itself"
    [ -e "$room/painted" ] || fail "nothing was painted"
fi

apt-get remove -y weft
[ ! -e /usr/bin/weft ] && [ ! -e /opt/weft ] && [ ! -e $desktop ] || fail "something was left behind"
echo "try-deb: installed, used and removed."
