#!/bin/sh
# The tutorial's comparison, all of it: its functions in Python, serial, on processes and on Ray, and parbench's
# own kernels for the same work, serial, on its pool and on Ray. Draws one chart. Takes about half an hour.
#
#     PYTHON=python3 examples/tutorial.sh [FOLDER]
#
# PYTHON has ray, pillow and torchvision. PARBENCH is the program. FOLDER is for the runs and the chart.
set -eu

parbench=${PARBENCH:-parbench}
python=${PYTHON:-python3}
folder=${1:-tutorial}
here=$(dirname "$0")
mkdir -p "$folder"

function_of() {
    name=$1
    shift
    "$parbench" python "$here/tutorial.py:$name" "$@" --python "$python" -e processes,ray -r 6 \
        --export "$folder/$name.json"
}

# The first makes the data set of pictures that the last of the functions reads.
"$parbench" all --image-count 50 -e pool,ray --python "$python" -r 6 --export "$folder/native.json"
function_of generate_fibonacci --repeat 2 --args '[200000]'
function_of sampling_task --repeat 2 --args '[10000000]'
function_of transform_image --items 'pictures()'

"$parbench" report "$folder/native.json" "$folder/generate_fibonacci.json" "$folder/sampling_task.json" \
    "$folder/transform_image.json" --chart "$folder/tutorial.svg" --export "md:$folder/tutorial.md"
