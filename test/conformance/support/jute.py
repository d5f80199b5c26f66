"""ZooKeeper's constants, its Jute encoding, and the records that several operations share."""

import struct
from typing import NamedTuple

PERM_READ, PERM_WRITE, PERM_CREATE, PERM_DELETE, PERM_ADMIN, PERM_ALL = 1, 2, 4, 8, 16, 31

EVENT_XID, PING_XID, AUTH_XID, SET_WATCHES_XID = -1, -2, -4, -8
CREATED, DELETED, CHANGED, CHILDREN = 1, 2, 3, 4
CHILD_WATCH, DATA_WATCH, ANY_WATCH, PERSISTENT_WATCH, RECURSIVE_WATCH = 1, 2, 3, 4, 5
EVENT_NAMES = {CREATED: "created", DELETED: "deleted", CHANGED: "changed", CHILDREN: "children"}

ERROR_NAMES = {
    0: "OK", -1: "SYSTEMERROR", -2: "RUNTIMEINCONSISTENCY", -5: "MARSHALLINGERROR",
    -6: "UNIMPLEMENTED", -8: "BADARGUMENTS", -13: "NEWCONFIGNOQUORUM", -14: "RECONFIGINPROGRESS",
    -101: "NONODE", -102: "NOAUTH", -103: "BADVERSION", -108: "NOCHILDRENFOREPHEMERALS",
    -110: "NODEEXISTS", -111: "NOTEMPTY", -112: "SESSIONEXPIRED", -114: "INVALIDACL",
    -115: "AUTHFAILED", -118: "SESSIONMOVED", -119: "NOTREADONLY",
    -120: "EPHEMERALONLOCALSESSION", -121: "NOWATCHER", -123: "RECONFIGDISABLED",
    -124: "SESSIONCLOSEDREQUIRESASLAUTH", -125: "QUOTAEXCEEDED", -127: "THROTTLEDOP",
}


class WireError(Exception):
    """The server broke the protocol."""


class Acl(NamedTuple):
    perms: int
    scheme: str
    id: str


OPEN = (Acl(PERM_ALL, "world", "anyone"),)
READ_ONLY = (Acl(PERM_READ, "world", "anyone"),)
CREATOR = (Acl(PERM_ALL, "auth", ""),)


class Stat(NamedTuple):
    czxid: int
    mzxid: int
    ctime: int
    mtime: int
    version: int
    cversion: int
    aversion: int
    ephemeral_owner: int
    data_length: int
    num_children: int
    pzxid: int


def pack_int(value):
    return struct.pack(">i", value)


def pack_long(value):
    return struct.pack(">q", value)


def pack_bool(value):
    return b"\x01" if value else b"\x00"


def pack_buffer(value):
    return pack_int(-1) if value is None else pack_int(len(value)) + value


def pack_string(value):
    return pack_buffer(None if value is None else value.encode("utf-8"))


def pack_vector(values, pack):
    if values is None:
        return pack_int(-1)
    return pack_int(len(values)) + b"".join(pack(v) for v in values)


def pack_acl(acl):
    return pack_int(acl.perms) + pack_string(acl.scheme) + pack_string(acl.id)


class Reader:
    """Decodes Jute from one packet."""

    def __init__(self, data):
        self._data = data
        self._at = 0

    def _take(self, count):
        if count < 0 or self._at + count > len(self._data):
            raise WireError(f"record ends early: wanted {count} bytes at {self._at} of "
                            f"{len(self._data)}")
        part = self._data[self._at:self._at + count]
        self._at += count
        return part

    def int(self):
        return struct.unpack(">i", self._take(4))[0]

    def long(self):
        return struct.unpack(">q", self._take(8))[0]

    def bool(self):
        value = self._take(1)[0]
        if value not in (0, 1):
            raise WireError(f"boolean {value}")
        return value == 1

    def buffer(self):
        length = self.int()
        return None if length == -1 else self._take(length)

    def string(self):
        value = self.buffer()
        if value is None:
            return None
        # Java writes code points above U+FFFF as two surrogates of three bytes each.
        text = value.decode("utf-8", "surrogatepass")
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def vector(self, read):
        length = self.int()
        return None if length == -1 else [read() for _ in range(length)]

    def stat(self):
        return Stat(*struct.unpack(">qqqqiiiqiiq", self._take(68)))

    def acl(self):
        return Acl(self.int(), self.string(), self.string())

    def rest(self):
        return len(self._data) - self._at
