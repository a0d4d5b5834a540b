#!/usr/bin/env bash
# Makes the pictures and tables of docs/papers.md and docs/experiments/2026-11-papers.md again, from this repository's own scenes and style pictures.
#
#   assets/papers.sh WEIGHTS [WORK [PHOTOS]]
#
# WEIGHTS is a folder with these files (safetensors, torchvision's key names):
#   vgg19_distilled16x_conv5_1   a distilled VGG-19 that reaches relu5_1
#   resnet50_pruned_int8         a pruned ResNet-50
#   vgg19_torchvision_conv3_1    torchvision's VGG-19 to relu3_1: measures only
#   vgg19_normalised_conv3_1, squeezenet1_1   judges, for the generator's section alone
# PHOTOS is a folder of some 300 photographs that banks are trained on; without it the generator's section is left out.
# What is in WORK already is not made again. Sizes and iterations are what two cores without a GPU do in an hour or so.
set -euo pipefail

weights=${1:?usage: papers.sh WEIGHTS [WORK]}
work=${2:-workspace/papers}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$work"

normalised="$work/vgg19_distilled_normalised.safetensors"
[ -e "$normalised" ] || python "$here/normalise_vgg.py" "$weights/vgg19_distilled16x_conv5_1.safetensors" "$normalised"

distilled=(--weights "$normalised" --set network.padding=reflect --set network.precision=bf16 --set run.threads=1)
resnet=(--weights "$weights/resnet50_pruned_int8.safetensors" --set run.threads=1)
bf16=(--set network.precision=bf16)
town=("$here/scenes/town.jpg" "$here/styles/swirls.jpg")

stylize() {  # OUT CONTENT STYLE OPTIONS...
    local out="$work/$1.png"
    shift
    [ -e "$out" ] || nst-teacher stylize "$1" "$2" "$out" "${@:3}"
}

figure() {  # FOLDER FILE COMMAND ARGUMENTS...
    local folder="$work/$1" file=$2 command=$3
    shift 3
    [ -e "$folder/$file" ] || nst-teacher "$command" "$@"
}

gatys=(--preset gatys2016 --size 192 --iterations 150 "${distilled[@]}")
stylize gatys2016 "${town[@]}" "${gatys[@]}"
stylize gatys2016_smooth "${town[@]}" "${gatys[@]}" --content-weight 1e-6 --set losses.variation_weight=0.1
figure reconstruct_vgg reconstruct.png reconstruct "${town[0]}" "$work/reconstruct_vgg" --style-image "${town[1]}" \
    --preset gatys2016 --size 128 --iterations 80 "${distilled[@]}"

srinath=(--preset srinath --network vgg19 "${distilled[@]}")
stylize srinath "${town[@]}" "${srinath[@]}" --size 192 --iterations 150
stylize srinath_smooth "${town[@]}" "${srinath[@]}" --size 192 --iterations 150 --content-weight 0.1 --set losses.variation_weight=1
figure compare compare.png compare "${town[@]}" "$work/compare" "${srinath[@]}" --size 128 --iterations 150 \
    --content-weight 0.1 --optimizers lbfgs,adam,adadelta,gd

cases=(--layer-cases --size 128 --iterations 150 "${distilled[@]}")
figure cases layer_cases.png compare "${town[@]}" "$work/cases" "${cases[@]}"
figure cases_content layer_cases.png compare "${town[@]}" "$work/cases_content" "${cases[@]}" --style-weight 30

cs229=(--preset cs229 --size 192 --iterations 200 "${distilled[@]}")
regions=(--content-mask "$work/content_mask.png" --style-mask "$work/style_mask.png")
[ -e "$work/style_mask.png" ] || python "$here/papers_masks.py" "${town[@]}" "$work/content_mask.png" "$work/style_mask.png"
stylize cs229 "${town[@]}" "${cs229[@]}"
stylize cs229_variation "${town[@]}" "${cs229[@]}" --set losses.variation_weight=0.3
stylize cs229_regions "${town[@]}" "${cs229[@]}" --set losses.variation_weight=0.3 "${regions[@]}"

adam=(--set optimisation.optimizer=adam --set optimisation.learning_rate=0.05)
saric=(--preset saric2020 --size 128 "${resnet[@]}")
stylize saric2020 "${town[@]}" "${saric[@]}" "${bf16[@]}" --iterations 80
stylize saric2020_content "${town[@]}" "${saric[@]}" "${bf16[@]}" --iterations 80 --content-weight 1e4
stylize saric2020_start "${town[@]}" "${saric[@]}" "${bf16[@]}" --iterations 80 --content-weight 1e2 --set optimisation.start=content
figure sweep sweep.png sweep "${town[@]}" "$work/sweep" "${saric[@]}" --iterations 60 \
    --layer-weights 1,0.1,0.01,0.001 --style-weight 1e2:1e7
figure sweep_start sweep.png sweep "${town[@]}" "$work/sweep_start" "${saric[@]}" --iterations 60 \
    --layer-weights 1,0.1,0.01,0.001 --style-weight 1e2:1e7 --content-weight 1e4 --start content
figure reconstruct_resnet reconstruct.png reconstruct "${town[0]}" "$work/reconstruct_resnet" --style-image "${town[1]}" \
    "${saric[@]}" "${bf16[@]}" "${adam[@]}" --iterations 80 --alone
figure reconstruct_resnet_random reconstruct.png reconstruct "${town[0]}" "$work/reconstruct_resnet_random" \
    --style-image "${town[1]}" --preset saric2020 --size 128 --network resnet50_random \
    --set run.threads=1 "${adam[@]}" --iterations 80 --alone

singh=(--preset singh --set run.match_layers=true --size 192 "${distilled[@]}")
stylize singh "${town[@]}" "${singh[@]}"
stylize singh_smooth "${town[@]}" "${singh[@]}" --set optimisation.optimizer=lbfgs --iterations 150 --content-weight 1e-4 --set losses.variation_weight=3

python "$here/papers_page.py" "$work" "$weights" --out "$here/../docs/papers"

# The generator of Srinath, Yin and Verma: the section that needs photographs to train on.
photos=${3:-}
[ -n "$photos" ] || exit 0
balanced="$work/vgg19_balanced.safetensors"
[ -e "$balanced" ] || python "$here/balance_vgg.py" "$weights/vgg19_normalised_conv3_1.safetensors" "$balanced"
judges=(
    --set judges.network=vgg19 --set "judges.weights=$balanced" --set judges.precision=bf16
    --set judges.layers=relu1_1,relu2_1,relu3_1 --set judges.layer_weights=1,2,4
    --set judges.content_layers=relu1_1,relu3_1 --set judges.content_share=mean --set judges.scales=3
    --set "judges.deep_weights=$weights/vgg19_distilled16x_conv5_1.safetensors"
)
squeezenet="network = 'squeezenet1_1', weights = '$weights/squeezenet1_1.safetensors'"
companion=(--set "judges.companions=[{ $squeezenet, layers = ['relu1', 'fire3', 'fire5'], content_layers = ['fire3'] }]")
some=(--set photos.count=300)
style=(--style swirls --style-image "$here/styles/swirls.jpg")
plain=(--set photos.hard_pictures=0 --set training.sample_every=0)

# The paper's generator learns to reconstruct, and is frozen for three banks.
noise="$work/generator_noise" photo="$work/generator_photo" judged="$work/generator_judged" ours="$work/generator_ours"
nst-student train-codec --mode reconstruct --content "$photos" "${some[@]}" --steps 1500 \
    --set training.architecture=srinath --set training.batch=4 --set training.learning_rate=8e-3 \
    --set photos.crop_px=128 --set photos.photo_px=192 "${plain[@]}" --workspace "$noise"
for other in "$photo" "$judged"; do
    mkdir -p "$other/codec"
    cp "$noise/codec/codec.safetensors" "$other/codec/"
done
pairs() {  # WORKSPACE OPTIONS...
    nst-teacher generate "${style[@]}" --content "$photos" --count 50 --size 160 "${srinath[@]}" \
        --set losses.variation_weight=1 --set optimisation.iterations=100 --set losses.content_weight=0.1 --workspace "$@"
    nst-student train-bank --style swirls --steps 2000 --set training.batch=2 --set training.learning_rate=2e-2 \
        "${plain[@]}" --workspace "$1"
}
pairs "$noise"
pairs "$photo" --set optimisation.start=content
judged() {  # WORKSPACE STEPS
    nst-student train-bank "${style[@]}" --content "$photos" "${some[@]}" "${judges[@]}" "${companion[@]}" \
        --steps "$2" --set training.batch=2 --set training.learning_rate=8e-3 --set photos.crop_px=192 \
        --set losses.content=2.5 --set losses.content_target=0.68 --set losses.steady=0 "${plain[@]}" --workspace "$1"
}
judged "$judged" 350
judged "$ours" 600
nst-export pack --workspace "$ours" --out "$ours/pack"

nst-student visualize "${town[0]}" --style swirls --style-image "${town[1]}" --workspace "$judged" --out "$work/layers"
nst-student visualize "${town[0]}" --style waves --workspace "$work/none" --out "$work/shipped"
compare=(--set "compare.photo=${town[0]}" --steps 300 --snapshots 10,30,100,300)
nst-student compare --style swirls --objective pixels "${compare[@]}" --workspace "$photo" --out "$work/compare_pixels"
nst-student compare "${style[@]}" --content "$photos" "${some[@]}" "${judges[@]}" "${compare[@]}" --workspace "$ours" \
    --out "$work/compare_judges"

export PYTHONPATH="$here/.."
python -m assets.papers_student figures "$work" --out "$here/../docs/papers"
python -m assets.papers_student gatys --pack "$ours/pack" --weights "$normalised" --precision bf16 \
    --content-weight 0.1 --variation-weight 1 --out "$here/../docs/papers/srinath_gatys.jpg"
python -m assets.papers_student ways --weights "$weights/vgg19_torchvision_conv3_1.safetensors" \
    --out "$here/../docs/papers/srinath_ways.jpg" \
    "pairs from noise=$noise" "pairs from the photo=$photo" "judges=$judged" "judges, our codec=$ours"
