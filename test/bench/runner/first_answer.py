"""How soon after its start a server answers: the smallest client that there is."""

import select
import socket
import struct
import time

from .servers import BenchError

DEADLINE_S = 60.0
POLL_S = 0.0002
# ZooKeeper never answers some of the connections that it takes while it starts.
ATTEMPT_S = 0.25
CREATE = 1
GET_DATA = 4
OPEN_ACL = struct.pack(">ii", 1, 31) + b"\0\0\0\5world\0\0\0\6anyone"


def text(value):
    return struct.pack(">i", len(value)) + value


def frame(payload):
    return text(payload)


HANDSHAKE = frame(struct.pack(">iqiq", 0, 0, 30000, 0) + text(bytes(16)) + b"\0")


def create_request(path, data):
    return frame(struct.pack(">ii", 1, CREATE) + text(path) + text(data) + OPEN_ACL +
                 struct.pack(">i", 0))


def get_request(path):
    return frame(struct.pack(">ii", 1, GET_DATA) + text(path) + b"\0")


def receive_frame(link):
    """The payload of the next frame; None when the server closed the connection."""
    data = b""
    while len(data) < 4 or len(data) < 4 + struct.unpack(">i", data[:4])[0]:
        wanted = 4 - len(data) if len(data) < 4 else 4 + struct.unpack(">i", data[:4])[0] - len(data)
        part = link.recv(wanted)
        if not part:
            return None
        data += part
    return data[4:]


def try_once(port, request):
    """The reply's error and body, or None when the server does not serve yet."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=ATTEMPT_S) as link:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            link.sendall(HANDSHAKE + request)
            if receive_frame(link) is None:
                return None
            reply = receive_frame(link)
    except OSError:
        return None
    return reply and (struct.unpack(">i", reply[12:16])[0], reply[16:])


def seconds_to(server, request):
    """Starts the process of `server`; seconds from that until `request` was answered well."""
    began = time.monotonic()
    server.spawn()
    while True:
        answer = try_once(server.port, request)
        if answer is not None:
            took = time.monotonic() - began
            if answer[0] != 0:
                raise BenchError(f"{server.kind} answers with error {answer[0]}")
            return took
        server.check_alive()
        if time.monotonic() - began > DEADLINE_S:
            raise BenchError(f"{server.kind} gave no answer within {DEADLINE_S:g} s")
        select.select([], [], [], POLL_S)
