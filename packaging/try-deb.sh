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
grep -q 'application/x-weft-safetensors' $desktop || fail "no file types"
[ -s /opt/weft/lib/weft.png ] || fail "no icon"
grep -qs x-weft-safetensors /usr/share/mime/packages/weft.xml || fail "no MIME type"

# The window, where an X server can be had: opened, and still there after a while.
if command -v xvfb-run >/dev/null; then
    run xvfb-run -a timeout 15 weft --sample && status=0 || status=$?
    [ $status -eq 124 ] || fail "the window closed by itself ($status)"
fi

apt-get remove -y weft
[ ! -e /usr/bin/weft ] && [ ! -e /opt/weft ] && [ ! -e $desktop ] || fail "something was left behind"
echo "try-deb: installed, used and removed."
