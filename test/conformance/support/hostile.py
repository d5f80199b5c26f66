"""What the tests of hostile clients share: a witness that must be served, memory, and the log."""

import pathlib
import re
import socket
import struct

from . import servers, wire
from .case import ServerCase
from .servers import four_letter

# Clients that mean harm come from another address than the witness, so that limits per address
# can tell them apart.
HOSTILE_ADDRESS = "127.0.0.2"


def connect(address, receive_buffer=None, timeout_s=15.0):
    """A plain TCP connection of a hostile client."""
    link = socket.socket()
    if receive_buffer is not None:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    link.settimeout(timeout_s)
    link.bind((HOSTILE_ADDRESS, 0))
    try:
        link.connect(address)
    except OSError:
        link.close()
        raise
    return link


def frame(payload):
    return wire.pack_int(len(payload)) + payload


def request_frame(xid, request):
    return frame(wire.pack_int(xid) + wire.pack_int(request.opcode) + request.body)


def greeted(address, timeout_ms=20000, receive_buffer=None):
    """A plain connection with a session; its answer to the handshake is taken."""
    link = connect(address, receive_buffer)
    link.sendall(frame(wire.connect_record(timeout_ms)))
    receive_frame(link)
    return link


def receive(link, size):
    """Exactly so many bytes."""
    parts = bytearray()
    while len(parts) < size:
        part = link.recv(min(1 << 20, size - len(parts)))
        if not part:
            raise wire.Closed("end of stream")
        parts += part
    return bytes(parts)


def receive_frame(link):
    return receive(link, struct.unpack(">i", receive(link, 4))[0])


def read_to_end(link):
    """What the server sends until it closes; "reset" counts as closed."""
    parts = []
    try:
        while part := link.recv(262144):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


def is_closed(link):
    """Whether the server has closed, without waiting; what it sent before is thrown away."""
    link.setblocking(False)
    try:
        while link.recv(262144):
            pass
        return True
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def monitor(address):
    """The values of `mntr`."""
    lines = four_letter(address, "mntr").splitlines()
    return dict(line.split("\t", 1) for line in lines if "\t" in line)


class HostileCase(ServerCase):
    """Each test has a witness, who is served before, during and after."""

    def setUp(self):
        self.witness = self.wire(timeout_ms=20000)
        self.path = "/" + self.id().rpartition(".")[2]
        self.writes = 0
        self.witness.ok(wire.create(self.path, b""))

    def served(self):
        """The witness writes, and reads what it wrote."""
        stat = self.witness.ok(wire.set_data(self.path, b"w", self.writes))["stat"]
        self.writes += 1
        self.assertEqual(stat.version, self.writes)
        self.assertEqual(self.witness.ok(wire.get_data(self.path))["data"], b"w")

    def served_anew(self):
        """So does a client that connects only now."""
        self.served()
        late = wire.Wire.open(self.address)
        self.assertEqual(late.ok(wire.get_data(self.path))["data"], b"w")
        late.close()

    def rss_mib(self):
        """Memory of the server's process that is in use."""
        status = pathlib.Path(f"/proc/{self.server.pid}/status").read_text("ascii")
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def log_lines(self, event):
        """Lines of the server's log that tell this event."""
        text = self.server.log_path.read_text("utf-8", "replace")
        return [line for line in text.splitlines() if re.search(rf"\b{event}\b", line)]

    def assert_logged(self, event, *parts):
        """Some line tells the event with all these parts, or will do so soon."""
        servers.wait_until(lambda: any(all(part in line for part in parts)
                                       for line in self.log_lines(event)),
                           f"{event} with {parts} in the log")
