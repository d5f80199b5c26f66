"""A proxy before a server of ZooKeeper's protocol that makes every lock look free.

Who asks for the children of a node hears of nothing but the child that it has created itself. The
first who then looks at the lock, as its holder, waits for the answer until somebody else was told
the same: so two clients have the lock at once, in every run.
"""

import contextlib
import socket
import struct
import threading

CREATE, EXISTS, GET_CHILDREN = 1, 3, 8
WAIT_S = 60.0


def frames(link):
    """The frames that come from a socket, without their lengths."""
    stream = link.makefile("rb")
    while len(head := stream.read(4)) == 4:
        yield stream.read(struct.unpack(">i", head)[0])


def send(link, payload):
    link.sendall(struct.pack(">i", len(payload)) + payload)


class LyingProxy:
    """Stands for `server`, and takes connections as long as it is entered."""

    kind = "lying proxy"

    def __init__(self, server):
        self.pids = server.pids
        self._target = server.port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.hosts = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._listed = set()  # connections that were lied to
        self._two = threading.Condition()

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                server = socket.create_connection(("127.0.0.1", self._target))
                asked = {}  # operation by xid
                for run in (self._requests, self._replies):
                    threading.Thread(target=run, args=(client, server, asked), daemon=True).start()

    @staticmethod
    def _requests(client, server, asked):
        with contextlib.suppress(OSError):
            for number, frame in enumerate(frames(client)):
                if number > 0:
                    xid, operation = struct.unpack_from(">ii", frame)
                    asked[xid] = operation
                send(server, frame)
            server.shutdown(socket.SHUT_WR)

    def _replies(self, client, server, asked):
        own = b""
        with contextlib.suppress(OSError):
            for number, frame in enumerate(frames(server)):
                operation = asked.pop(struct.unpack_from(">i", frame)[0], None) if number else None
                if operation == CREATE and frame[12:16] == bytes(4):
                    own = frame[20:].rpartition(b"/")[2]
                elif operation == GET_CHILDREN and own:
                    frame = frame[:16] + struct.pack(">ii", 1, len(own)) + own
                    self._lied_to(client)
                elif operation == EXISTS and client in self._listed:
                    self._wait_for_another()
                send(client, frame)
            client.shutdown(socket.SHUT_WR)

    def _lied_to(self, client):
        with self._two:
            self._listed.add(client)
            self._two.notify_all()

    def _wait_for_another(self):
        with self._two:
            self._two.wait_for(lambda: len(self._listed) > 1, WAIT_S)
