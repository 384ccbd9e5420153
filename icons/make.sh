#!/bin/sh
# Renders weft.svg into the sizes that windows, desktops and installers ask for, and packs them for Windows and macOS.
# Needs rsvg-convert (Debian: librsvg2-bin) and Python 3.
set -eu
cd "$(dirname "$0")"
window=../src/main/resources/weft/ui/icon # what the running window shows lies in the program
for size in 16 24 32 48 64 128 256; do
    rsvg-convert --width $size --height $size --output $window/weft-$size.png weft.svg
done
for size in 512 1024; do
    rsvg-convert --width $size --height $size --output weft-$size.png weft.svg
done
python3 - <<'PACK'
import struct

def png(size):
    folder = "../src/main/resources/weft/ui/icon/" if size <= 256 else ""
    with open(f"{folder}weft-{size}.png", "rb") as f:
        return f.read()

# ICO: a directory of PNG files; 0 stands for 256. (Microsoft, "The evolution of the ICO file format", part 4.)
sizes = [16, 24, 32, 48, 64, 128, 256]
offset = 6 + 16 * len(sizes)
entries, images = b"", b""
for size in sizes:
    data = png(size)
    entries += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(data), offset + len(images))
    images += data
with open("weft.ico", "wb") as f:
    f.write(struct.pack("<HHH", 0, 1, len(sizes)) + entries + images)

# ICNS: blocks of a type and PNG data, lengths big-endian with their header. (Types as in Apple's iconutil.)
blocks = b""
for kind, size in [(b"icp4", 16), (b"icp5", 32), (b"icp6", 64), (b"ic07", 128), (b"ic08", 256), (b"ic09", 512), (b"ic10", 1024),
                   (b"ic11", 32), (b"ic12", 64), (b"ic13", 256), (b"ic14", 512)]:
    data = png(size)
    blocks += kind + struct.pack(">I", 8 + len(data)) + data
with open("weft.icns", "wb") as f:
    f.write(b"icns" + struct.pack(">I", 8 + len(blocks)) + blocks)
PACK
rm weft-1024.png
