#!/usr/bin/python3
"""Runs the C client's test program (C_CLIENT_PROGRAM) against a fresh server."""

import os
import subprocess

from support.case import ServerCase, main


class CClient(ServerCase):

    def test_everything(self):
        program = os.environ.get("C_CLIENT_PROGRAM")
        if not program:
            self.skipTest("C_CLIENT_PROGRAM does not name the built c_client")
        ended = subprocess.run([program, self.server.hosts], capture_output=True, text=True,
                               timeout=150, check=False)
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        self.assertRegex(ended.stdout, r"(?m)^\d{3,} checks, 0 failures$")


if __name__ == "__main__":
    main()
