#!/usr/bin/env bash
# Trains the default pack again, from photographs, paintings and pretrained weights to the files that ship.
#
#   assets/default_pack/recipe.sh DATA [WORKSPACE]
#
# DATA holds photos/ (some 1 100 photographs, short side 288 px), photos_large/ (for measuring only), styles/ (the
# pictures that catalogue.toml names) and weights/ (five files, safetensors with torchvision's key names):
#   vgg19_normalised_conv3_1     trains: style to relu3_1, content; the teacher's network
#   vgg19_distilled16x_conv5_1   trains: the deep layers
#   squeezenet1_1, resnet50_pruned_int8   train: the companions
#   vgg19_torchvision_conv3_1    measures only
# Everything resumes where it was stopped. The seeds, the photographs' order and every setting are fixed.
set -euo pipefail

data=${1:?usage: recipe.sh DATA [WORKSPACE]}
workspace=${2:-workspace}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

judges=(
    --network vgg19 --weights "$data/weights/vgg19_normalised_conv3_1.safetensors"
    --style-layers relu1_1,relu2_1,relu3_1 --layer-weights 1,2,4 --content-layer relu3_1 --scales 3
    --deep-weights "$data/weights/vgg19_distilled16x_conv5_1.safetensors"
    --precision bf16
)
squeezenet=(
    --companion-network squeezenet1_1 --companion-weights "$data/weights/squeezenet1_1.safetensors"
    --companion-layers relu1,fire3,fire5
)
resnet=(
    --companion-network resnet50 --companion-weights "$data/weights/resnet50_pruned_int8.safetensors"
    --companion-layers conv1,block1,block2
)
styles=(
    --styles "waves=$data/styles/great_wave.jpg"
    --styles "scream=$data/styles/the_scream.jpg"
    --styles "udnie=$data/styles/udnie.jpg"
    --styles "starry=$data/styles/starry_night.jpg"
)

# 1. A codec that reconstructs photographs: the paper's first step, and where the next one starts.
start="$workspace/reconstruction"
nst-student train-codec --mode reconstruct --content "$data/photos" --batch 8 --crop-px 192 --steps 1000 \
    --workspace "$start"

# 2. The codec and the four banks together.
[ -e "$workspace/stages" ] || nst-student train-codec --mode joint --start "$start/codec/codec.safetensors" \
    --content "$data/photos" "${styles[@]}" "${judges[@]}" --batch 1 --crop-px 192 --steps 5000 --learning-rate 4e-3 \
    --content-share own --content-target 0.92 --workspace "$workspace"

# 3. One bank goes on alone, the codec staying as it is. A stage starts from a copy of the bank before it, and is done
#    when its mark is there.
refine() {  # NAME PICTURE STAGE OPTIONS...
    local name=$1 picture=$2 stage=$3
    local start="$workspace/stages/$name-$stage.safetensors" mark="$workspace/stages/$name-$stage.done"
    shift 3
    [ -e "$mark" ] && return
    mkdir -p "$workspace/stages"
    [ -e "$start" ] || {
        cp "$workspace/banks/$name/bank.safetensors" "$start"
        rm -f "$workspace/banks/$name/state.pt"
    }
    nst-student train-bank --style "$name" --objective perceptual --style-image "$data/styles/$picture" \
        --content "$data/photos" "${judges[@]}" --start "$start" --workspace "$workspace" "$@"
    touch "$mark"
}
refine starry starry_night.jpg 1 --steps 500 --batch 2 --crop-px 192 --content-share own --content-target 0.88 \
    --style-weight 8
refine starry starry_night.jpg 2 --steps 3000 --batch 2 --crop-px 192 --learning-rate 4e-3 --content-weight 1.5 \
    --content-target 0.74 "${squeezenet[@]}"
refine waves great_wave.jpg 1 --steps 3000 --batch 2 --crop-px 192 --learning-rate 4e-3 --content-weight 1.5 \
    --content-target 1.0 "${squeezenet[@]}"
refine starry starry_night.jpg 3 --steps 1500 --batch 2 --crop-px 192 --learning-rate 3e-3 --layer-weights 1,2,6 \
    --content-weight 1.8 --content-target 0.64 "${squeezenet[@]}"
refine waves great_wave.jpg 2 --steps 1500 --batch 2 --crop-px 192 --learning-rate 3e-3 --content-weight 2.6 \
    --content-target 0.88 "${squeezenet[@]}"
further=(--steps 800 --batch 2 --crop-px 192 --learning-rate 3e-3)
refine starry starry_night.jpg 4 "${further[@]}" --layer-weights 1,2,6 --content-weight 1.8 --content-target 0.64 \
    "${resnet[@]}"
refine starry starry_night.jpg 5 "${further[@]}" --layer-weights 1,2,6 --content-weight 2.3 --content-target 0.64 \
    "${resnet[@]}"
refine udnie udnie.jpg 1 "${further[@]}" --content-weight 1.0 --content-target 0.8 "${squeezenet[@]}"

# A painting that the codec has not seen takes a bank of its own, as any user's would.
nst-student train-bank --style klee --objective perceptual --style-image "$data/styles/klee_senecio.jpg" \
    --content "$data/photos" "${judges[@]}" --batch 2 --crop-px 192 --steps 250 --content-share own --workspace "$workspace"

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
