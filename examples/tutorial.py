"""The three functions of the tutorial that parbench comes from, in plain Python, with the libraries that it uses.

    parbench python examples/tutorial.py:generate_fibonacci --repeat 2 --args '[200000]' -e processes,ray
    parbench python examples/tutorial.py:sampling_task --repeat 2 --args '[10000000]' -e processes,ray
    parbench python examples/tutorial.py:transform_image --items 'pictures()' -e processes,ray

`examples/tutorial.sh` runs all of them and parbench's own kernels, and draws one chart.
"""

import os
import pathlib
import random


def generate_fibonacci(sequence_size):
    """All Fibonacci numbers up to a place, kept in a list; returns its length."""
    fibonacci = []
    for place in range(sequence_size):
        if place < 2:
            fibonacci.append(place)
            continue
        fibonacci.append(fibonacci[place - 1] + fibonacci[place - 2])
    return len(fibonacci)


def sampling_task(num_samples):
    """How many random points of a square lie in its circle."""
    num_inside = 0
    for _ in range(num_samples):
        x, y = random.uniform(-1, 1), random.uniform(-1, 1)
        if x * x + y * y <= 1:
            num_inside += 1
    return num_inside


def transform_image(path):
    """A picture as a normalised tensor of a random window."""
    # Imported here, as the other two functions need neither.
    from PIL import Image

    return transform()(Image.open(path))


def transform():
    import torchvision.transforms as transforms

    return transforms.Compose(
        [
            transforms.RandomHorizontalFlip(p=0.5),
            transforms.RandomCrop(224, padding=4),
            transforms.ToTensor(),
            transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
        ]
    )


def pictures():
    """The data set that `parbench image --count 50` makes, or the JPEG files of the folder PICTURES."""
    folder = os.environ.get("PICTURES", os.path.expanduser("~/.cache/parbench/noise-3000x3000-q60-n50-s42"))
    return sorted(str(path) for path in pathlib.Path(folder).rglob("*.jpg"))
