"""Where a node keeps the programs that it runs: `parbench-UID` in its temporary folder, each under its SHA-256.

Every user can write to the temporary folder, so this module follows no link and deletes only files that it made.
"""

import contextlib
import errno
import hashlib
import os
import re
import secrets
import stat
import tempfile
import time

KEPT_S = 7 * 86400.0  # after its last use
COPYING_S = 3600.0  # a copy that takes longer was killed
PROGRAM = re.compile(r"[0-9a-f]{64}")
COPY = re.compile(r"[0-9a-f]{64}\.[0-9a-f]{8}\.part|tmp[a-z0-9_]{8}")  # the second is how releases before named them


class Unusable(Exception):
    """Why the program cannot be kept on this node, with how to fix it."""


def installed(digest, fetch):
    """The path of the program with this hash. Its bytes are fetched unless an earlier run has left them."""
    parent = temporary()
    path = os.path.join(parent, f"parbench-{os.getuid()}")
    try:
        folder = opened(path)
        try:
            refuse_noexec(folder, parent)
            if not holds(folder, digest, digest):
                copy(folder, digest, fetch())
            os.utime(digest, dir_fd=folder, follow_symlinks=False)
            tidy(folder, digest)
        finally:
            os.close(folder)
    except OSError as error:
        raise Unusable(explained(error, parent)) from error
    return os.path.join(path, digest)


def temporary():
    try:
        return tempfile.gettempdir()
    except FileNotFoundError as error:
        raise Unusable("no temporary folder there can be written, or all are full: make room, or set TMPDIR to another "
                       "folder before `ray start` there") from error


def opened(path):
    """The folder as a descriptor, made where it is missing. It must be a real one, and this user's."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(path, mode=0o700)

    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode):
        what = "a symbolic link" if stat.S_ISLNK(found.st_mode) else "not a folder"
        raise Unusable(f"{path} is {what}: remove it there")

    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    found = os.fstat(folder)
    mode = stat.S_IMODE(found.st_mode)
    if found.st_uid != os.getuid():
        os.close(folder)
        raise Unusable(f"{path} belongs to user {found.st_uid}: remove it there, or set TMPDIR before `ray start` there")
    if mode & 0o022:
        # Somebody else may have put a file there, and have it open still.
        os.close(folder)
        raise Unusable(f"{path} can be written by others (mode {mode:03o}, which must be 700): remove it there")
    if mode != 0o700:
        os.fchmod(folder, 0o700)
    return folder


def refuse_noexec(folder, parent):
    if os.fstatvfs(folder).f_flag & getattr(os, "ST_NOEXEC", 0):
        raise Unusable(f"its temporary folder {parent} is mounted noexec, so that no program starts from it: "
                       "set TMPDIR to another folder before `ray start` there")


def holds(folder, name, digest):
    """Whether the program is there by this name, whole."""
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP, errno.ENXIO, errno.EACCES):
            return False
        raise

    try:
        found = os.fstat(file)
        # One with another owner or mode could be changed after this look, or would not start.
        ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid()
        if not ours or stat.S_IMODE(found.st_mode) != 0o700:
            return False

        with open(file, "rb", closefd=False) as program:
            return hashlib.sha256(program.read()).hexdigest() == digest
    finally:
        os.close(file)


def copy(folder, digest, program):
    """Writes the program beside its place, looks at it again and moves it there."""
    part = f"{digest}.{secrets.token_hex(4)}.part"
    file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o700, dir_fd=folder)
    try:
        with os.fdopen(file, "wb") as file:
            file.write(program)
            os.fchmod(file.fileno(), 0o700)
        if not holds(folder, part, digest):
            raise Unusable("the program arrived there damaged: run it again")
        make_way(folder, digest)
        os.replace(part, digest, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part, dir_fd=folder)
        raise


def make_way(folder, digest):
    """A folder by the program's name would be in the way for good; whatever it holds stays, under another name."""
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISDIR(os.stat(digest, dir_fd=folder, follow_symlinks=False).st_mode):
            os.rename(digest, f"{digest}.{secrets.token_hex(4)}.folder", src_dir_fd=folder, dst_dir_fd=folder)


def tidy(folder, digest):
    """Deletes programs that have not run for long, and the copies of killed runs. What else is there stays."""
    now = time.time()
    for name in os.listdir(folder):
        kept = KEPT_S if PROGRAM.fullmatch(name) else COPYING_S if COPY.fullmatch(name) else None
        if kept is None or name == digest:
            continue

        with contextlib.suppress(OSError):  # another run here may be quicker
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISREG(found.st_mode) and now - found.st_mtime > kept:
                os.unlink(name, dir_fd=folder)


def explained(error, parent):
    """What the system's refusal means, with how to fix it."""
    another = "set TMPDIR to another folder before `ray start` there"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"its temporary folder {parent} is full: make room there, or {another}"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"its temporary folder {parent} cannot be written ({error.strerror}): {another}"
    return f"the program cannot be stored in its temporary folder {parent} ({error.strerror}): {another}"
