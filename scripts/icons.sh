#!/usr/bin/env bash
# Renders the icons that are checked in under icons/rendered/ from their sources in icons/. Run it after a change of
# a source; needs rsvg-convert (librsvg2-bin) and ImageMagick, which nobody else does.
source "$(dirname "$0")/common.sh"

readonly APP=icons/org.tidings.Tidings
readonly SIZES=(16 22 24 32 48 64 128 256 512)
readonly TRAY_SIZES=(16 22 24 32 48 64)
readonly LARGEST_SMALL=24 # up to here the drawing with fewer lines is the clearer one

have rsvg-convert || die 'rsvg-convert is missing; it is in the package "librsvg2-bin"'
have convert || die 'convert is missing; it is in the package "imagemagick"'

render() { # source, size, place
    rsvg-convert --width "$2" --height "$2" --format png --output "$3" "$1"
}

mkdir -p icons/rendered/tray
for size in "${SIZES[@]}"; do
    drawing=$APP.svg
    ((size > LARGEST_SMALL)) || drawing=$APP.small.svg
    render "$drawing" "$size" "icons/rendered/$size.png"
done

# The coverage of each pixel, one byte, row by row: what the tray paints with, without a decoder of pictures.
picture=$(mktemp --suffix .png)
trap 'rm -f "$picture"' EXIT
for shape in message quiet; do
    for size in "${TRAY_SIZES[@]}"; do
        render "icons/tray/$shape.svg" "$size" "$picture"
        convert "$picture" -alpha extract -depth 8 "gray:icons/rendered/tray/$shape-$size.alpha"
    done
done
say "Rendered into icons/rendered"
