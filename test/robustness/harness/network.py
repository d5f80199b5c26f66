"""A network of its own for the members of an ensemble, in which any of them can be cut off from any other.

This process must be in a private network namespace (`enter`); each member gets one more, connected by a bridge. Nothing
of it is seen outside, and everything is gone with the processes.
"""

import os
import subprocess
import sys

from support.servers import wait_until

CLIENTS = "10.99.0.254"
_INSIDE = "TROUPE_PRIVATE_NETWORK"


def impossible():
    """Why there can be no such network here, or None."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    try:
        tried = subprocess.run(["unshare", "-n", "sh", "-c", "ip link add type veth && "
                                "ip link add type bridge && ip route add blackhole 10.99.0.1/32"],
                               capture_output=True, text=True, check=False)
    except FileNotFoundError as missing:
        return f"{missing.filename} is not installed"
    return f"no network namespaces here: {tried.stderr.strip()}" if tried.returncode else None


def enter():
    """Runs this program again in a private network namespace, unless it is in one or cannot be."""
    if not os.environ.get(_INSIDE) and not impossible():
        os.environ[_INSIDE] = "1"
        os.execvp("unshare", ["unshare", "-n", sys.executable, *sys.orig_argv[1:]])


def ip(*words):
    subprocess.run(["ip", *words], check=True)


class Network:
    """One bridge, and a namespace with an address for each member. Clients are where this process is."""

    def __init__(self, members):
        ip("link", "set", "lo", "up")
        ip("link", "add", "members", "type", "bridge")
        ip("address", "add", f"{CLIENTS}/24", "dev", "members")
        ip("link", "set", "members", "up")
        self._keepers = {}
        for member in members:
            self._add(member)

    def _add(self, member):
        # The namespace lives as long as a process is in it.
        keeper = self._keepers[member] = subprocess.Popen(["unshare", "-n", "cat"],
                                                          stdin=subprocess.PIPE)
        own = os.readlink("/proc/self/ns/net")
        wait_until(lambda: os.readlink(f"/proc/{keeper.pid}/ns/net") != own, "a namespace")
        ip("link", "add", f"member{member}", "type", "veth", "peer", "name", "up0", "netns",
           str(keeper.pid))
        ip("link", "set", f"member{member}", "master", "members", "up")
        for words in (("link", "set", "lo", "up"), ("link", "set", "up0", "up"),
                      ("address", "add", f"{self.host(member)}/24", "dev", "up0")):
            subprocess.run([*self.inside(member), "ip", *words], check=True)

    @staticmethod
    def host(member):
        return CLIENTS if member == "clients" else f"10.99.0.{member}"

    def inside(self, member):
        """What a command begins with that runs at the member's."""
        return ["nsenter", "-t", str(self._keepers[member].pid), "-n", "--"]

    def cut(self, sender, receiver):
        """Nothing that `sender` sends arrives at `receiver`; each a member, or "clients"."""
        self._route("add", sender, receiver)

    def heal(self, sender, receiver):
        self._route("del", sender, receiver)

    def _route(self, verb, sender, receiver):
        inside = [] if sender == "clients" else self.inside(sender)
        subprocess.run([*inside, "ip", "route", verb, "blackhole", f"{self.host(receiver)}/32"],
                       check=True)

    def remove(self):
        for member, keeper in self._keepers.items():
            # A namespace takes its end of the pair away, but only some time after its last process.
            ip("link", "delete", f"member{member}")
            keeper.stdin.close()
            keeper.wait()
        ip("link", "delete", "members")
