"""Three members of each kind on loopback, started and measured like one server."""

import contextlib
import re
import shutil
import time

from support.ports import free_port

from .servers import (ROOT, START_DEADLINE_S, BareEpoll, BenchError, Server, Troupe, ZooKeeper,
                      binary)

MEMBERS = (1, 2, 3)


class TroupeMember(Troupe):
    """One member of configs/ensemble-3.yaml."""

    def __init__(self, folder, number, peers, **options):
        super().__init__(folder, **options)
        self.number = number
        self.peers = peers

    def command(self):
        # Ports of its own: the one of the shipped configuration may be taken on this machine.
        text = (ROOT / "configs" / "ensemble-3.yaml").read_text()
        addresses = ", ".join(f'{id_}: "127.0.0.1:{ports[0]}"' for id_, ports in self.peers.items())
        text, found = re.subn(r"members: \{[^}]*\}", f"members: {{ {addresses} }}", text)
        if found != 1:
            raise BenchError("configs/ensemble-3.yaml has no list of members to be replaced")
        config = self.folder / "member.yaml"
        config.write_text(text)
        settings = {"node.id": self.number, "clients.listen": self.hosts,
                    "http.listen": "127.0.0.1:0", "native.listen": "127.0.0.1:0",
                    "node.data_dir": str(self.data), **self.options}
        line = [binary("troupe"), "run", str(config)]
        for name, value in settings.items():
            line += ["--set", f"{name}={value}"]
        return line


class ZooKeeperMember(ZooKeeper):
    """One member with the usual zoo.cfg of an ensemble, and a heap of 512 MB."""

    heap = "512m"
    main_class = "org.apache.zookeeper.server.quorum.QuorumPeerMain"

    def __init__(self, folder, number, peers, **options):
        super().__init__(folder, **options)
        self.number = number
        self.peers = peers

    def configuration(self):
        (self.data / "myid").write_text(f"{self.number}\n")
        members = "".join(f"server.{id_}=127.0.0.1:{ports[0]}:{ports[1]}\n"
                          for id_, ports in self.peers.items())
        return super().configuration() + "initLimit=10\nsyncLimit=5\n" + members


class Ensemble:
    """Three members with data below `folder`; stands for one server in measurements."""

    kind = "ensemble"
    member_type = Server

    def __init__(self, folder, **options):
        self.folder = folder
        peers = {number: (free_port(), free_port()) for number in MEMBERS}
        self.members = [self.member_type(folder / str(number), number, peers, **options)
                        for number in MEMBERS]

    @property
    def hosts(self):
        return ",".join(member.hosts for member in self.members)

    @property
    def pids(self):
        return ",".join(member.pids for member in self.members)

    @property
    def process(self):
        """None as long as nothing was started."""
        return next((member.process for member in self.members if member.process), None)

    def start(self):
        """Starts all members, and returns when each of them serves."""
        for member in self.members:
            member.spawn()
        deadline = time.monotonic() + START_DEADLINE_S
        for member in self.members:
            member.wait_for_service(deadline, self.members)
        return self

    def can(self, _load):
        """Whether it can be measured by this workload of the load generator."""
        return True

    def leader(self):
        """The member that leads."""
        for member in self.members:
            if b"Mode: leader" in member.ask(b"srvr"):
                return member
        raise BenchError(f"{self.kind}: nobody leads")

    def resident_kib(self):
        return sum(member.resident_kib() for member in self.members)

    def kill9(self):
        for member in self.members:
            if member.process is not None:
                member.kill9()

    def wipe(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        with contextlib.ExitStack() as undo:
            undo.callback(self.kill9)
            self.start()
            undo.pop_all()
        return self

    def __exit__(self, *_):
        self.kill9()
        self.wipe()


class TroupeEnsemble(Ensemble):
    """configs/ensemble-3.yaml, with ports of its own."""

    kind = "troupe"
    member_type = TroupeMember


class ZooKeeperEnsemble(Ensemble):
    """Three ZooKeepers of Debian's package."""

    kind = "zookeeper"
    member_type = ZooKeeperMember


class BareEnsemble(Ensemble):
    """Three bare servers that do not know of each other: what the machine can do at most."""

    kind = "bare-epoll"

    @staticmethod
    def member_type(folder, _number, _peers, **options):
        return BareEpoll(folder, **options)

    def can(self, load):
        """What is written at one of them is not seen at the others."""
        return load[0] != "watch"


ENSEMBLES = {kind.kind: kind for kind in (TroupeEnsemble, ZooKeeperEnsemble, BareEnsemble)}
