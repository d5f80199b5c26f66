"""Ports for servers that tests start.

A port that the kernel gives for "any" lies where it also takes the ports of outgoing connections
from, so somebody's connection, or another test's server, may have it before the server that it was
meant for listens. These lie below, and whoever got one keeps it for itself, among all tests of the
machine, as long as it runs.
"""

import errno
import pathlib
import random
import socket

LOWEST = 10_000
FIRST_OUTGOING = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range")

_kept = []  # a name in the abstract namespace for each port; gone with the process


def _is_ours(port):
    """Whether no other test has the port; keeps it from then on."""
    name = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        name.bind(f"\0troupe-test-port-{port}")
    except OSError as error:
        name.close()
        if error.errno != errno.EADDRINUSE:
            raise
        return False
    _kept.append(name)
    return True


def _is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return False
        return True


def free_port():
    """A TCP port that nobody listens on, and that no other test and no outgoing connection gets."""
    above = int(FIRST_OUTGOING.read_text("ascii").split()[0])
    for _ in range(1000):
        port = random.randrange(LOWEST, above)
        if _is_ours(port) and _is_free(port):
            return port
    raise RuntimeError(f"no port between {LOWEST} and {above} is free")
