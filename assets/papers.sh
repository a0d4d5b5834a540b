#!/usr/bin/env bash
# Makes the pictures and tables of docs/papers.md again, from this repository's own scenes and style pictures.
#
#   assets/papers.sh WEIGHTS [WORK]
#
# WEIGHTS is a folder with three files (safetensors, torchvision's key names):
#   vgg19_distilled16x_conv5_1   a distilled VGG-19 that reaches relu5_1
#   resnet50_pruned_int8         a pruned ResNet-50
#   vgg19_torchvision_conv3_1    torchvision's VGG-19 to relu3_1: measures only
# What is in WORK already is not made again. Sizes and iterations are what two cores without a GPU do in an hour or so.
set -euo pipefail

weights=${1:?usage: papers.sh WEIGHTS [WORK]}
work=${2:-workspace/papers}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$work"

normalised="$work/vgg19_distilled_normalised.safetensors"
[ -e "$normalised" ] || python "$here/normalise_vgg.py" "$weights/vgg19_distilled16x_conv5_1.safetensors" "$normalised"

distilled=(--weights "$normalised" --padding reflect --precision bf16 --threads 1)
resnet=(--weights "$weights/resnet50_pruned_int8.safetensors" --precision bf16 --threads 1)
town=("$here/scenes/town.jpg" "$here/styles/swirls.jpg")
fruit=("$here/scenes/still_life.jpg" "$here/styles/facets.jpg")

stylize() {  # OUT CONTENT STYLE OPTIONS...
    local out="$work/$1.png"
    shift
    [ -e "$out" ] || nst-teacher stylize "$1" "$2" "$out" "${@:3}"
}

figure() {  # FOLDER FILE-MADE-LAST COMMAND...
    local folder="$work/$1" made=$2
    shift 2
    [ -e "$folder/$made" ] || nst-teacher "$1" "${@:2}"
}
