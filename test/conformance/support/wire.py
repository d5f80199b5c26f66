"""A small ZooKeeper client that shows the bare protocol: headers, order of arrival, raw bodies.

Requests are values (`create("/a")`, `get_data("/a", watch=True)`); a `Wire` sends them and decodes
the answers. A body that is longer or shorter than its record, or that follows an error code, is a
`WireError`: the protocol leaves no room for either. All names of jute.py and requests.py are names
of this module too.
"""

import collections
import socket
import struct
import time
from typing import Any, NamedTuple, Optional

from .jute import *  # noqa: F401,F403
from .jute import (ERROR_NAMES, EVENT_XID, Reader, WireError, pack_bool, pack_buffer, pack_int,
                   pack_long)
from .requests import *  # noqa: F401,F403
from .requests import close_session, exists


class Closed(Exception):
    """The server closed the connection."""


class Torn(WireError):
    """The connection ended inside a frame: allowed only when the server was killed."""


class Event(NamedTuple):
    type: int
    state: int
    path: str
    zxid: int


class Reply(NamedTuple):
    xid: int
    zxid: int
    err: int
    value: Any
    extra: int = 0  # bytes behind an error header; see Wire.strict


class Handshake(NamedTuple):
    protocol: int
    timeout_ms: int
    session_id: int
    password: bytes
    read_only: Optional[bool]
    length: int


def connect_record(timeout_ms, session_id=0, password=b"\0" * 16, last_zxid=0, read_only=False):
    """A ConnectRequest; `read_only=None` leaves the byte out as older clients do."""
    body = (pack_int(0) + pack_long(last_zxid) + pack_int(timeout_ms) + pack_long(session_id)
            + pack_buffer(password))
    return body if read_only is None else body + pack_bool(read_only)


class Wire:
    """One connection. Not thread-safe.

    `events` holds the notifications not yet taken, `arrivals` the order in which everything came.
    `last_zxid` is kept as clients do it: the greatest positive zxid of ordinary replies.
    While `strict` is set, bytes behind an error header are a WireError, else they are counted.
    """

    def __init__(self, address, timeout_s=20.0):
        self.address = address
        self._timeout_s = timeout_s
        self._socket = socket.create_connection(address, timeout=timeout_s)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = bytearray()
        self._pending = collections.OrderedDict()
        self._replies = {}
        self._next_xid = 1
        self.events = []
        self.arrivals = []
        self.last_zxid = 0
        self.session_id = 0
        self.password = b""
        self.timeout_ms = 0
        self.strict = True

    @classmethod
    def open(cls, address, timeout_ms=10000, session=None, last_zxid=0, read_only=False,
             password=None, timeout_s=20.0):
        """Connects and shakes hands; `session` is an earlier Wire or a session id to resume."""
        wire = cls(address, timeout_s)
        if isinstance(session, Wire):
            wire.handshake(timeout_ms, session.session_id,
                           session.password if password is None else password, last_zxid,
                           read_only)
        else:
            wire.handshake(timeout_ms, session or 0, password or b"\0" * 16, last_zxid, read_only)
        return wire

    def handshake(self, timeout_ms, session_id=0, password=b"\0" * 16, last_zxid=0,
                  read_only=False):
        self.send_frame(connect_record(timeout_ms, session_id, password, last_zxid, read_only))
        return self.read_handshake()

    def read_handshake(self):
        packet = self.read_frame()
        reader = Reader(packet)
        protocol, timeout_ms = reader.int(), reader.int()
        session_id, password = reader.long(), reader.buffer()
        flag = reader.bool() if reader.rest() else None
        if reader.rest():
            raise WireError(f"{reader.rest()} bytes too many in the connect response")
        self.session_id, self.password, self.timeout_ms = session_id, password, timeout_ms
        self.greeting = Handshake(protocol, timeout_ms, session_id, password, flag, len(packet))
        return self.greeting

    @property
    def expired(self):
        """True when the handshake said that the session is gone."""
        return self.timeout_ms == 0

    def send_bytes(self, data):
        self._socket.sendall(data)

    def send_frame(self, payload):
        self.send_bytes(pack_int(len(payload)) + payload)

    def half_close(self):
        self._socket.shutdown(socket.SHUT_WR)

    def read_frame(self, timeout_s=None):
        """One packet's payload; `Closed` at the end, `TimeoutError` when nothing comes."""
        deadline = time.monotonic() + (self._timeout_s if timeout_s is None else timeout_s)
        while True:
            if len(self._received) >= 4:
                length = struct.unpack_from(">i", self._received)[0]
                if length < 0 or length > 1 << 28:
                    raise WireError(f"frame of length {length}")
                if len(self._received) >= 4 + length:
                    payload = bytes(self._received[4:4 + length])
                    del self._received[:4 + length]
                    return payload
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("no packet in time")
            self._socket.settimeout(left)
            try:
                part = self._socket.recv(262144)
            except ConnectionError as error:
                raise Closed(str(error)) from None
            if not part:
                if self._received:
                    raise Torn(f"stream ends inside a frame ({len(self._received)} bytes)")
                raise Closed("end of stream")
            self._received += part

    def submit(self, request, xid=None):
        """Sends without waiting; returns the ticket that `wait` takes."""
        xid, packet = self.encode(request, xid)
        self.send_bytes(packet)
        return xid

    def encode(self, request, xid=None):
        """Registers the request and returns its ticket and its frame, not sent yet."""
        if xid is None:
            xid = request.xid
        if xid is None:
            xid = self._next_xid
            self._next_xid += 1
        self._pending.setdefault(xid, collections.deque()).append(request)
        payload = pack_int(xid) + pack_int(request.opcode) + request.body
        return xid, pack_int(len(payload)) + payload

    def receive(self, timeout_s=None):
        """Reads one packet; files it as an event or a reply and returns it."""
        reader = Reader(self.read_frame(timeout_s))
        xid, zxid, err = reader.int(), reader.long(), reader.int()
        if xid == EVENT_XID:
            event = Event(reader.int(), reader.int(), reader.string(), zxid)
            if err != 0 or reader.rest():
                raise WireError(f"notification with err {err} and {reader.rest()} more bytes")
            self.events.append(event)
            self.arrivals.append(event)
            return event
        if not self._pending.get(xid):
            raise WireError(f"reply with xid {xid} that nobody asked for")
        request = self._pending[xid].popleft()
        if not self._pending[xid]:
            del self._pending[xid]
        value = None
        if err == 0 and request.decode:
            value = request.decode(reader)
        if reader.rest() and (err == 0 or self.strict):
            raise WireError(f"{reader.rest()} bytes after the reply to {request} (err {err})")
        reply = Reply(xid, zxid, err, value, reader.rest())
        if xid > 0 and zxid > 0:
            self.last_zxid = max(self.last_zxid, zxid)
        self._replies.setdefault(xid, collections.deque()).append(reply)
        self.arrivals.append(reply)
        return reply

    def wait(self, xid, timeout_s=None):
        """The reply to an earlier `submit`; notifications that come first are kept."""
        while not self._replies.get(xid):
            self.receive(timeout_s)
        reply = self._replies[xid].popleft()
        if not self._replies[xid]:
            del self._replies[xid]
        return reply

    def call(self, request, xid=None):
        """Sends and waits for the reply."""
        return self.wait(self.submit(request, xid))

    def ok(self, request):
        """`call` for requests that must succeed; returns the value."""
        reply = self.call(request)
        if reply.err != 0:
            raise AssertionError(f"{request}: {ERROR_NAMES.get(reply.err, reply.err)}")
        return reply.value

    def take_events(self):
        """The notifications that came so far, and forgets them."""
        events, self.events = self.events, []
        return events

    def settled_events(self):
        """Everything the server has queued for this connection, by a read that comes behind it."""
        self.call(exists("/"))
        return self.take_events()

    def wait_closed(self, timeout_s=None):
        """Reads until the server closes; returns the packets that came before."""
        packets = []
        try:
            while True:
                packets.append(self.receive(timeout_s))
        except Closed:
            return packets

    def drop(self):
        """Breaks the connection without closing the session."""
        self._socket.close()

    def close(self):
        """Closes the session, then the connection."""
        try:
            self.call(close_session())
        finally:
            self._socket.close()
