#!/usr/bin/env bash
# Trains the default pack again, from photographs, paintings and pretrained weights to the files that ship.
#
#   assets/default_pack/recipe.sh DATA [WORKSPACE]
#
# DATA holds photos/ (some 1 100 photographs, short side 288 px), photos_large/ (for measuring only), styles/ (the
# pictures that catalogue.toml names) and weights/ (four files, safetensors with torchvision's key names):
#   vgg19_normalised_conv3_1     trains: style to relu3_1, content; the teacher's network
#   vgg19_distilled16x_conv5_1   trains: the deep layers
#   squeezenet1_1                trains: the companion
#   vgg19_torchvision_conv3_1    measures only
# Everything resumes where it was stopped. The seeds, the photographs' order and every setting are fixed.
set -euo pipefail

data=${1:?usage: recipe.sh DATA [WORKSPACE]}
workspace=${2:-workspace}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

# The original VGG-19 as it was before its filters were scaled to equal means.
network="$workspace/vgg19_balanced.safetensors"
mkdir -p "$workspace"
[ -e "$network" ] || python "$root/assets/balance_vgg.py" "$data/weights/vgg19_normalised_conv3_1.safetensors" "$network"

judges=(
    --network vgg19 --weights "$network"
    --style-layers relu1_1,relu2_1,relu3_1 --layer-weights 1,2,4 --content-layers relu1_1,relu3_1 --scales 3
    --deep-weights "$data/weights/vgg19_distilled16x_conv5_1.safetensors"
    --companion-network squeezenet1_1 --companion-weights "$data/weights/squeezenet1_1.safetensors"
    --companion-layers relu1,fire3,fire5 --companion-content-layers fire3
    --precision bf16
)
styles=(
    --styles "waves=$data/styles/great_wave.jpg"
    --styles "scream=$data/styles/the_scream.jpg"
    --styles "udnie=$data/styles/udnie.jpg"
    --styles "starry=$data/styles/starry_night.jpg"
)

# 1. A codec that reconstructs photographs: the paper's first step, and where the next one starts.
start="$workspace/reconstruction"
nst-student train-codec --mode reconstruct --content "$data/photos" --batch 8 --crop-px 192 --steps 800 \
    --learning-rate 8e-3 --workspace "$start"

# 2. The codec and the four banks together.
nst-student train-codec --mode joint --start "$start/codec/codec.safetensors" \
    --content "$data/photos" "${styles[@]}" "${judges[@]}" --batch 1 --crop-px 192 --steps 2500 --learning-rate 8e-3 \
    --content-weight 2.5 --content-target 0.68 --workspace "$workspace"

# 3. The hardest of them goes on alone, the codec staying as it is, from a copy of its bank.
[ -e "$workspace/waves_joint.safetensors" ] ||
    cp "$workspace/banks/waves/bank.safetensors" "$workspace/waves_joint.safetensors"
nst-student train-bank --style waves --objective perceptual --style-image "$data/styles/great_wave.jpg" \
    --start "$workspace/waves_joint.safetensors" --content "$data/photos" "${judges[@]}" --batch 2 --crop-px 192 \
    --steps 700 --learning-rate 6e-3 --content-weight 3.3 --content-target 0.74 --workspace "$workspace"

#    A painting that the codec has not seen takes a bank of its own, as any user's would.
nst-student train-bank --style klee --objective perceptual --style-image "$data/styles/klee_senecio.jpg" \
    --content "$data/photos" "${judges[@]}" --batch 2 --crop-px 192 --steps 300 --learning-rate 8e-3 \
    --content-weight 2.5 --content-target 0.68 --workspace "$workspace"

# 4. The paper's way, for comparison: pairs by Gatys optimisation, then a bank that learns their pixels.
nst-teacher generate --style waves --title "Under the Wave off Kanagawa" --style-image "$data/styles/great_wave.jpg" \
    --content "$data/photos" --count 50 --size 256 --network vgg19 \
    --weights "$data/weights/vgg19_normalised_conv3_1.safetensors" --scales 3 \
    --deep-weights "$data/weights/vgg19_distilled16x_conv5_1.safetensors" --deep-weight 0.2 \
    --precision bf16 --workspace "$workspace"
nst-student train-bank --style waves_pixels --objective pixels --pairs "$workspace/pairs/waves" \
    --steps 1500 --workspace "$workspace"

# 5. The pack, measured and written with its figures.
catalogue="$here/catalogue.toml"
nst-export pack --workspace "$workspace" --catalogue "$catalogue" --out "$workspace/pack"
nst-student evaluate --pack "$workspace/pack" --photos "$data/photos_large" --pictures "$data/styles" \
    --catalogue "$catalogue" --weights "$data/weights/vgg19_torchvision_conv3_1.safetensors" \
    --deep-weights "$data/weights/vgg19_distilled16x_conv5_1.safetensors" --out "$workspace/metrics.json"
nst-export pack --workspace "$workspace" --catalogue "$catalogue" --metrics "$workspace/metrics.json" \
    --out "$root/runtime/nst_runtime/default_pack"
cp "$workspace/codec/codec.safetensors" "$root/student/nst_student/shipped/codec.safetensors"
