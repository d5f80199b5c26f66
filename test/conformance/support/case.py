"""unittest base classes: a server for each class of tests, its log shown when a test fails."""

import sys
import threading
import unittest

from . import servers, wire


class ServerCase(unittest.TestCase):
    """Starts one server for the class. `server_options` goes to `servers.make`."""

    server_options = {}

    @classmethod
    def setUpClass(cls):
        cls.server = servers.make(**cls.server_options).start()
        cls.address = cls.server.address

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.server.remove()

    def run(self, result=None):
        failed = len(result.failures) + len(result.errors) if result is not None else 0
        outcome = super().run(result)
        if result is not None and len(result.failures) + len(result.errors) > failed:
            print(f"---- {self.id()}: end of the log of {self.server.kind}:\n"
                  f"{self.server.log_tail()}", file=sys.stderr)
        return outcome

    def wire(self, **kwargs):
        """A raw connection whose session is closed at the end of the test."""
        opened = wire.Wire.open(self.address, **kwargs)
        self.addCleanup(self._end_session, opened)
        return opened

    @staticmethod
    def _end_session(opened):
        try:
            opened.close()
        except (wire.Closed, OSError):
            pass  # the test has closed or broken it already


class Worker(threading.Thread):
    """A thread whose exception is raised again by `finish`."""

    def __init__(self, work, *arguments):
        super().__init__(daemon=True)
        self._work, self._arguments = work, arguments
        self.value = None
        self.error = None
        self.start()

    def run(self):
        try:
            self.value = self._work(*self._arguments)
        except BaseException as error:  # handed to the thread that waits
            self.error = error

    def finish(self, timeout_s=30):
        """Waits for the end and returns the work's value."""
        self.join(timeout_s)
        if self.is_alive():
            raise AssertionError(f"{self._work.__name__} did not end within {timeout_s} s")
        if self.error is not None:
            raise self.error
        return self.value


def together(*works, timeout_s=60):
    """Runs all functions at once and returns their values in order."""
    workers = [Worker(work) for work in works]
    return [worker.finish(timeout_s) for worker in workers]


def main():
    """`unittest.main` of every test program here."""
    unittest.main(verbosity=2)
