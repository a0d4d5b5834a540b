#!/usr/bin/env bash
# Trains the default pack again, from photographs, paintings and pretrained weights to the files that ship.
#
#   assets/default_pack/recipe.sh DATA [WORKSPACE]
#
# DATA holds photos/ (some 1 100 photographs, short side 288 px), photos_large/ (for measuring only), styles/ (the
# pictures that catalogue.toml names) and weights/ (three VGG-19 files, safetensors with torchvision's key names):
#   vgg19_normalised_conv3_1     trains: style to relu3_1, content
#   vgg19_distilled16x_conv5_1   trains: the deep layers
#   vgg19_torchvision_conv3_1    measures only
# Everything resumes where it was stopped. The seeds, the photographs' order and every setting are fixed.
set -euo pipefail

data=${1:?usage: recipe.sh DATA [WORKSPACE]}
workspace=${2:-workspace}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

judges=(
    --network vgg19 --weights "$data/weights/vgg19_normalised_conv3_1.safetensors"
    --style-layers relu1_1,relu2_1,relu3_1 --content-layer relu3_1 --scales 3
    --deep-weights "$data/weights/vgg19_distilled16x_conv5_1.safetensors"
    --precision bf16
)
styles=(
    --styles "waves=$data/styles/great_wave.jpg"
    --styles "scream=$data/styles/the_scream.jpg"
    --styles "udnie=$data/styles/udnie.jpg"
    --styles "starry=$data/styles/starry_night.jpg"
)

# The codec and the four banks together.
nst-student train-codec --mode joint --content "$data/photos" "${styles[@]}" "${judges[@]}" \
    --steps 9000 --workspace "$workspace"
