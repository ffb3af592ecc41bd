"""Makes pictures of many kinds, and tells the peak memory of a program that decodes them.

    picture_kinds.py FOLDER SIDE          makes FOLDER/KIND/{1,2,3}.EXT, SIDE pixels wide and high
    picture_kinds.py --peak PROGRAM ARG.. runs it, and prints its exit code and its peak in bytes
"""

import resource
import subprocess
import sys
from pathlib import Path

# How the pictures of each kind are stored, and what their file's name ends in.
KINDS = {
    "baseline": ("RGB", "jpg", {"quality": 60}),
    "progressive": ("RGB", "jpg", {"quality": 60, "progressive": True}),
    "progressive-444": ("RGB", "jpg", {"quality": 60, "progressive": True, "subsampling": 0}),
    "progressive-grey": ("L", "jpg", {"progressive": True}),
    "cmyk": ("CMYK", "jpg", {"quality": 60}),
    "progressive-cmyk": ("CMYK", "jpg", {"quality": 60, "progressive": True}),
    "rgb": ("RGB", "png", {"compress_level": 1}),
    "profile": ("RGB", "png", {"compress_level": 1, "icc_profile": bytes(200_000_000)}),
    "rgba": ("RGBA", "png", {"compress_level": 1}),
    "grey-alpha": ("LA", "png", {"compress_level": 1}),
    "palette": ("P", "png", {"compress_level": 1}),
    "grey-16-bit": ("I;16", "png", {"compress_level": 1}),
}


def make(folder, side):
    from PIL import Image

    small = Image.effect_noise((side // 8, side // 8), 64).convert("RGB")
    picture = small.resize((side, side), Image.Resampling.NEAREST)
    for kind, (mode, extension, options) in KINDS.items():
        (folder / kind).mkdir(parents=True)
        # Pillow reaches 16 bits only by way of 32.
        shown = picture.convert("I").convert(mode) if mode == "I;16" else picture.convert(mode)
        for number in (1, 2, 3):
            shown.save(folder / kind / f"{number}.{extension}", **options)


# A process begins with the peak of the one that starts it, so this one stays small.
if sys.argv[1] == "--peak":
    done = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(done.returncode, peak * 1024)
else:
    make(Path(sys.argv[1]), int(sys.argv[2]))
