#!/bin/sh
# Renders weft.svg into the sizes that windows, desktops and installers ask for. Needs rsvg-convert (Debian: librsvg2-bin).
set -eu
cd "$(dirname "$0")"
for size in 16 24 32 48 64 128 256 512; do
    rsvg-convert --width $size --height $size --output weft-$size.png weft.svg
done
