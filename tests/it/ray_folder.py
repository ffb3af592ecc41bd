"""What a node does with the folder of its programs, with no Ray: whatever lies there, nothing but its own files goes."""

import hashlib
import os
import stat
import sys
import tempfile
import time
import unittest
from unittest import mock

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "assets"))
sys.dont_write_bytecode = True
from parbench_ray import folder

PROGRAM = b"#!/bin/sh\n"
DIGEST = hashlib.sha256(PROGRAM).hexdigest()
OTHER = hashlib.sha256(b"another").hexdigest()
FORTNIGHT = 14 * 86400.0


class Folder(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.parent = temporary.name
        self.path = os.path.join(self.parent, f"parbench-{os.getuid()}")
        where = mock.patch("tempfile.gettempdir", lambda: self.parent)
        where.start()
        self.addCleanup(where.stop)

    def made(self):
        os.mkdir(self.path, mode=0o700)

    def write(self, name, age=0.0, content=b"old"):
        path = os.path.join(self.path, name)
        with open(path, "wb") as file:
            file.write(content)
        os.utime(path, (time.time() - age,) * 2)
        return path

    def installed(self):
        self.fetches = 0

        def fetch():
            self.fetches += 1
            return PROGRAM

        return folder.installed(DIGEST, fetch)

    def refused(self, *words):
        with self.assertRaises(folder.Unusable) as raised:
            self.installed()
        for word in words:
            self.assertIn(word, str(raised.exception))
        self.assertNotIn("\n", str(raised.exception))

    def test_the_program_is_stored_once_and_starts(self):
        path = self.installed()
        self.assertEqual((path, self.fetches), (os.path.join(self.path, DIGEST), 1))
        self.assertEqual(stat.S_IMODE(os.lstat(self.path).st_mode), 0o700)
        self.assertEqual(stat.S_IMODE(os.lstat(path).st_mode), 0o700)
        self.installed()
        self.assertEqual(self.fetches, 0)
        self.assertEqual(os.listdir(self.path), [DIGEST])

    def test_a_changed_program_is_replaced(self):
        self.made()
        for content, mode in [(b"changed", 0o700), (PROGRAM, 0o777), (PROGRAM, 0o600)]:
            os.chmod(self.write(DIGEST, content=content), mode)
            with open(self.installed(), "rb") as file:
                self.assertEqual((file.read(), self.fetches), (PROGRAM, 1))

    def test_a_link_in_place_of_the_folder_is_refused_and_its_target_left_alone(self):
        with tempfile.TemporaryDirectory() as target:
            old = os.path.join(target, OTHER)
            with open(old, "wb"):
                os.utime(old, (time.time() - FORTNIGHT,) * 2)
            os.symlink(target, self.path)
            self.refused(self.path, "symbolic link", "remove it")
            self.assertEqual(os.listdir(target), [OTHER])

    def test_anything_else_in_its_place_is_refused(self):
        with open(self.path, "wb"):
            pass
        self.refused(self.path, "not a folder", "remove it")
        os.unlink(self.path)
        os.mkdir(self.path)
        os.chmod(self.path, 0o777)
        self.refused(self.path, "777", "700")
        os.chmod(self.path, 0o755)
        self.installed()
        self.assertEqual(stat.S_IMODE(os.lstat(self.path).st_mode), 0o700)
        os.chmod(self.path, 0o700)
        with mock.patch("os.getuid", lambda: 12345):
            os.rename(self.path, os.path.join(self.parent, "parbench-12345"))
            self.refused("parbench-12345", "belongs to user", "TMPDIR")

    def test_a_link_by_the_name_of_the_program_is_not_run(self):
        self.made()
        elsewhere = os.path.join(self.parent, "elsewhere")
        with open(elsewhere, "wb") as file:
            file.write(PROGRAM)
        os.chmod(elsewhere, 0o700)
        os.symlink(elsewhere, os.path.join(self.path, DIGEST))
        self.assertTrue(stat.S_ISREG(os.lstat(self.installed()).st_mode))
        self.assertTrue(os.path.exists(elsewhere))

    def test_clutter_keeps_no_program_out(self):
        self.made()
        for name in [DIGEST, OTHER, "folder"]:
            os.mkdir(os.path.join(self.path, name))
            self.write(f"{name}/precious", FORTNIGHT)
        os.mkfifo(os.path.join(self.path, "pipe"))
        self.assertTrue(os.path.isfile(self.installed()))
        kept = [name for _, _, files in os.walk(self.path) for name in files]
        self.assertEqual(sorted(kept), sorted([DIGEST, "pipe", "precious", "precious", "precious"]))

    def test_only_its_own_old_files_are_deleted(self):
        self.made()
        precious = os.path.join(self.parent, "precious")
        with open(precious, "wb"):
            pass
        os.symlink(precious, os.path.join(self.path, "f" * 64))
        kept = {"f" * 64, "notes.txt", "tmp", "e" * 64, f"{OTHER}.0badcafe.part"}
        gone = [OTHER, f"{OTHER}.deadbeef.part", "tmpab_12xyz"]
        for name, age in [("notes.txt", FORTNIGHT), ("tmp", FORTNIGHT), ("e" * 64, 3600.0), *((name, FORTNIGHT) for name in gone)]:
            self.write(name, age)
        self.write(f"{OTHER}.0badcafe.part")
        self.installed()
        self.assertEqual(set(os.listdir(self.path)), kept | {DIGEST})
        self.assertTrue(os.path.exists(precious))

    def test_a_copy_that_fails_leaves_nothing(self):
        with self.assertRaises(folder.Unusable):
            folder.installed(DIGEST, lambda: b"damaged")
        self.assertEqual(os.listdir(self.path), [])

        def killed():
            raise KeyboardInterrupt

        with self.assertRaises(KeyboardInterrupt), mock.patch("os.replace", lambda *_, **__: killed()):
            self.installed()
        self.assertEqual(os.listdir(self.path), [])

    def test_a_temporary_folder_of_no_use_is_named_with_how_to_fix_it(self):
        found = mock.Mock(f_flag=os.ST_NOEXEC)
        with mock.patch("os.fstatvfs", lambda _: found):
            self.refused(self.parent, "noexec", "TMPDIR")
        for errno, word in [("ENOSPC", "is full"), ("EDQUOT", "is full"), ("EROFS", "cannot be written")]:
            number = getattr(__import__("errno"), errno)
            with mock.patch("os.replace", mock.Mock(side_effect=OSError(number, os.strerror(number)))):
                self.refused(self.parent, word, "TMPDIR")


if __name__ == "__main__":
    unittest.main()
