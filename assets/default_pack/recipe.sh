#!/usr/bin/env bash
# Trains the default pack again, from photographs, paintings and pretrained weights to the files that ship.
#
#   assets/default_pack/recipe.sh DATA [WORKSPACE]
#
# DATA holds photos/ (some 1 100 photographs, short side 288 px), photos_large/ (for measuring only), styles/ (the
# pictures that catalogue.toml names), video/ (two clips, for measuring only) and weights/ (five files, safetensors with
# torchvision's key names):
#   vgg19_normalised_conv3_1     trains: style to relu3_1, content
#   vgg19_distilled16x_conv5_1   trains: the deep layers
#   squeezenet1_1                trains: a companion
#   resnet50_pruned_int8         trains: a companion
#   vgg19_torchvision_conv3_1    measures only
# Stage 2 takes some 12 minutes of one H200, and very much longer without a card. It resumes with card.py's --resume; the
# seeds, the photographs' order and every setting are fixed.
set -euo pipefail

data=${1:?usage: recipe.sh DATA [WORKSPACE]}
workspace=${2:-workspace}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
card="$workspace/card"

# 1. What a card needs, in one folder; among it the original VGG-19 as it was before its filters were scaled.
if [ ! -e "$card/weights/vgg19_balanced.safetensors" ]; then
    python "$here/card.py" gather "$data" "$card"
    python "$root/assets/balance_vgg.py" "$data/weights/vgg19_normalised_conv3_1.safetensors" \
        "$card/weights/vgg19_balanced.safetensors"
fi

# 2. The codec and all banks together, steady first, then nearer to the photographs.
[ -e "$workspace/first" ] || python "$here/card.py" train "$card" "$workspace/first" --minutes 10000 --steps 3100 \
    --content-weight 2 --content-target 0.85 --deep-weight 6 --steady-weight 100
[ -e "$workspace/second" ] || python "$here/card.py" train "$card" "$workspace/second" --minutes 10000 --steps 2300 \
    --further "$workspace/first" --learning-rate 4e-3
python "$here/card.py" join "$workspace/second" "$workspace"

# 3. The pack, measured and written with its figures.
catalogue="$here/catalogue.toml"
nst-export pack --workspace "$workspace" --catalogue "$catalogue" --out "$workspace/pack"
NST_WEIGHTS="$data/weights" nst-student evaluate --pack "$workspace/pack" --content "$data/photos_large" \
    --pictures "$data/styles" --catalogue "$catalogue" --set "measure.clips=$data/video" --out "$workspace/metrics.json"
nst-export pack --workspace "$workspace" --catalogue "$catalogue" --metrics "$workspace/metrics.json" \
    --out "$root/runtime/nst_runtime/default_pack"
cp "$workspace/codec/codec.safetensors" "$root/student/nst_student/networks/shipped/codec.safetensors"
