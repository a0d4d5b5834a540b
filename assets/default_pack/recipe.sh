#!/usr/bin/env bash
# Trains the default pack again, from photographs, paintings and pretrained weights to the files that ship.
#
#   assets/default_pack/recipe.sh DATA [WORKSPACE]
#
# DATA holds photos/ (some 1 100 photographs, short side 288 px), photos_large/ (for measuring only), styles/ (the
# pictures that catalogue.toml names) and weights/ (five files, safetensors with torchvision's key names):
#   vgg19_normalised_conv3_1     trains: style to relu3_1, content; the teacher's network
#   vgg19_distilled16x_conv5_1   trains: the deep layers
#   squeezenet1_1                trains: a companion
#   resnet50_pruned_int8         trains: a companion
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
    --companion "squeezenet1_1=$data/weights/squeezenet1_1.safetensors"
    --companion-layers relu1,fire3,fire5 --companion-content-layers fire3
    --companion "resnet50=$data/weights/resnet50_pruned_int8.safetensors"
    --companion-layers conv1,block1,block2 --companion-content-layers block1
    --precision bf16
)
crops=(--crop-px 192 --photo-px 288:448)
bank() { # NAME PICTURE STEPS LEARNING_RATE CONTENT_WEIGHT CONTENT_TARGET [option value ...]
    nst-student train-bank --style "$1" --objective perceptual --style-image "$data/styles/$2.jpg" \
        --content "$data/photos" "${judges[@]}" "${crops[@]}" --batch 2 --steps "$3" --learning-rate "$4" \
        --content-weight "$5" --content-target "$6" "${@:7}" --workspace "$workspace"
}
further() { # STAGE and the same: from what the bank is so far, which is put aside in a folder of that name.
    put_aside "$1" "$2"
    bank "${@:2}" --start "$workspace/$1/$2/bank.safetensors"
}
put_aside() {
    mkdir -p "$workspace/$1"
    aside "$1" "$2" || mv "$workspace/banks/$2" "$workspace/$1/$2"
}
aside() { [ -e "$workspace/$1/$2" ]; }

# 1. A codec that reconstructs photographs: the paper's first step, and where the next one starts.
start="$workspace/reconstruction"
nst-student train-codec --mode reconstruct --content "$data/photos" "${crops[@]}" --batch 8 --steps 800 \
    --learning-rate 8e-3 --workspace "$start"

# 2. The codec, together with the two banks that ask the most of it.
aside first starry || nst-student train-codec --mode joint --start "$start/codec/codec.safetensors" \
    --content "$data/photos" --styles "waves=$data/styles/great_wave.jpg" \
    --styles "starry=$data/styles/starry_night.jpg" "${judges[@]}" "${crops[@]}" --batch 1 --steps 9000 \
    --learning-rate 8e-3 --content-weight 2.5 --content-target 0.70 --workspace "$workspace"

# 3. Both go on alone, each to a content of its own; the codec stays as it is.
further first starry starry_night 300 4e-3 2.8 0.56
aside second waves || further first waves great_wave 900 5e-3 4.3 0.73
#    From here on with photographs that are not enlarged.
aside third waves || further second waves great_wave 3000 5e-3 4.5 0.62 --photo-px 216:288
aside fourth waves || further third waves great_wave 500 4e-3 4.2 0.64 --photo-px 216:288 --deep-weight 4.5
aside fifth waves || further fourth waves great_wave 200 3e-3 4.6 0.62 --photo-px 216:288 --deep-weight 4.5
#    And with squares as high as the photograph.
square=(--batch 1 --crop-px 288 --photo-px 288:288)
own=("${square[@]}" --content-share own)
aside sixth waves || further fifth waves great_wave 2000 5e-3 4.6 0.62 "${square[@]}" --deep-weight 4.5
aside seventh waves || further sixth waves great_wave 2000 5e-3 3.5 0.95 "${own[@]}" --deep-weight 4.5
aside eighth waves || further seventh waves great_wave 2400 5e-3 4.1 0.95 "${own[@]}" --deep-weight 6
further eighth waves great_wave 700 4e-3 4.55 0.95 "${own[@]}" --deep-weight 6

#    Paintings that the codec has not seen take banks of their own, as any user's would.
bank klee klee_senecio 600 8e-3 2 0.62 "${own[@]}"
aside first scream || bank scream the_scream 400 8e-3 2.5 0.68
further first scream the_scream 450 6e-3 2.5 0.70
aside first udnie || bank udnie udnie 1000 8e-3 2 0.70 "${own[@]}"
aside second udnie || further first udnie udnie 500 6e-3 1.3 0.80 "${own[@]}" --deep-weight 4
further second udnie udnie 400 5e-3 1 0.90 "${own[@]}" --deep-weight 6
bank lilies monet_water_lilies 600 8e-3 2.5 0.68 "${square[@]}"
aside first wheat || bank wheat vangogh_wheat_field 600 8e-3 2.5 0.68 "${square[@]}"
further first wheat vangogh_wheat_field 400 5e-3 1.5 0.65 "${own[@]}"
aside first kandinsky || bank kandinsky composition_vii 600 8e-3 2.5 0.68 "${square[@]}"
aside second kandinsky || further first kandinsky composition_vii 1500 6e-3 3 0.73 "${own[@]}"
further second kandinsky composition_vii 200 4e-3 3.4 0.77 "${own[@]}" --deep-weight 5
aside first mosaic || bank mosaic roman_mosaic_duck 600 8e-3 2.5 0.68 "${square[@]}"
aside second mosaic || further first mosaic roman_mosaic_duck 800 6e-3 3 0.72 "${own[@]}"
aside third mosaic || further second mosaic roman_mosaic_duck 500 5e-3 4 0.62 "${own[@]}"
further third mosaic roman_mosaic_duck 200 4e-3 5.5 0.58 "${own[@]}"

# 4. The paper's way: pairs by Gatys optimisation, then a bank that learns their pixels. The optimisation starts from
#    pictures of a bank's, so that its results are ones that a bank can learn.
catalogue="$here/catalogue.toml"
nst-export pack --workspace "$workspace" --catalogue "$catalogue" --out "$workspace/pack"
nst-teacher generate --style scream --title "The Scream" --style-image "$data/styles/the_scream.jpg" \
    --content "$data/photos" --count 50 --size 256 --network vgg19 \
    --weights "$data/weights/vgg19_normalised_conv3_1.safetensors" --scales 3 \
    --deep-weights "$data/weights/vgg19_distilled16x_conv5_1.safetensors" --deep-weight 0.2 \
    --init-bank scream --init-pack "$workspace/pack" --iterations 10 --precision bf16 --workspace "$workspace"
nst-student train-bank --style scream_pixels --objective pixels --pairs "$workspace/pairs/scream" \
    --batch 2 --steps 4000 --learning-rate 2e-2 --workspace "$workspace"

# 5. The pack, measured and written with its figures.
nst-export pack --workspace "$workspace" --catalogue "$catalogue" --out "$workspace/pack"
nst-student evaluate --pack "$workspace/pack" --photos "$data/photos_large" --pictures "$data/styles" \
    --catalogue "$catalogue" --weights "$data/weights/vgg19_torchvision_conv3_1.safetensors" \
    --deep-weights "$data/weights/vgg19_distilled16x_conv5_1.safetensors" --out "$workspace/metrics.json"
nst-export pack --workspace "$workspace" --catalogue "$catalogue" --metrics "$workspace/metrics.json" \
    --out "$root/runtime/nst_runtime/default_pack"
cp "$workspace/codec/codec.safetensors" "$root/student/nst_student/shipped/codec.safetensors"
