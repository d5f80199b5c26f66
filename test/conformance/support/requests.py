"""Every operation of the client protocol as a value: what to send and how to read the answer."""

import dataclasses
from typing import Any, Callable, Optional

from .jute import (AUTH_XID, OPEN, PING_XID, SET_WATCHES_XID, Reader, WireError, pack_acl,
                   pack_bool, pack_buffer, pack_int, pack_long, pack_string, pack_vector)


@dataclasses.dataclass(frozen=True)
class Request:
    """One operation: opcode, encoded record, decoder of the answer's body, and a printable form."""

    name: str
    opcode: int
    body: bytes
    decode: Optional[Callable[[Reader], Any]]
    text: str
    xid: Optional[int] = None
    writes: bool = False

    def __str__(self):
        return self.text


def _path_value(reader):
    return reader.string()


def _path_and_stat(reader):
    return {"path": reader.string(), "stat": reader.stat()}


def _only_stat(reader):
    return {"stat": reader.stat()}


def _data_and_stat(reader):
    return {"data": reader.buffer(), "stat": reader.stat()}


def _create_body(path, data, acl, flags):
    return pack_string(path) + pack_buffer(data) + pack_vector(acl, pack_acl) + pack_int(flags)


def _shown_acl(acl):
    if acl == OPEN:
        return ""
    if acl is None:
        return " acl=null"
    return " acl=" + ",".join(f"{a.scheme}:{a.id}:{a.perms}" for a in acl)


def _shown(data):
    if data is None:
        return "null"
    return f"<{len(data)} bytes>" if len(data) > 24 else repr(data)[1:]


def create(path, data=b"", acl=OPEN, flags=0):
    text = f"create {path!r} {_shown(data)} flags={flags}{_shown_acl(acl)}"
    return Request("create", 1, _create_body(path, data, acl, flags), _path_value, text,
                   writes=True)


def create2(path, data=b"", acl=OPEN, flags=0):
    text = f"create2 {path!r} {_shown(data)} flags={flags}{_shown_acl(acl)}"
    return Request("create2", 15, _create_body(path, data, acl, flags), _path_and_stat, text,
                   writes=True)


def create_container(path, data=b"", acl=OPEN, flags=4):
    text = f"createContainer {path!r} flags={flags}{_shown_acl(acl)}"
    return Request("createContainer", 19, _create_body(path, data, acl, flags), _path_and_stat,
                   text, writes=True)


def create_ttl(path, ttl, data=b"", acl=OPEN, flags=5):
    body = _create_body(path, data, acl, flags) + pack_long(ttl)
    text = f"createTTL {path!r} ttl={ttl} flags={flags}{_shown_acl(acl)}"
    return Request("createTTL", 21, body, _path_and_stat, text, writes=True)


def delete(path, version=-1):
    return Request("delete", 2, pack_string(path) + pack_int(version), None,
                   f"delete {path!r} v={version}", writes=True)


def exists(path, watch=False):
    return Request("exists", 3, pack_string(path) + pack_bool(watch), _only_stat,
                   f"exists {path!r}{' watch' if watch else ''}")


def get_data(path, watch=False):
    return Request("getData", 4, pack_string(path) + pack_bool(watch), _data_and_stat,
                   f"getData {path!r}{' watch' if watch else ''}")


def set_data(path, data=b"", version=-1):
    body = pack_string(path) + pack_buffer(data) + pack_int(version)
    return Request("setData", 5, body, _only_stat, f"setData {path!r} {_shown(data)} v={version}",
                   writes=True)


def get_acl(path):
    def decode(reader):
        return {"acl": reader.vector(reader.acl), "stat": reader.stat()}
    return Request("getACL", 6, pack_string(path), decode, f"getACL {path!r}")


def set_acl(path, acl=OPEN, version=-1):
    body = pack_string(path) + pack_vector(acl, pack_acl) + pack_int(version)
    return Request("setACL", 7, body, _only_stat,
                   f"setACL {path!r}{_shown_acl(acl)} v={version}", writes=True)


def get_children(path, watch=False):
    def decode(reader):
        return {"children": sorted(reader.vector(reader.string))}
    return Request("getChildren", 8, pack_string(path) + pack_bool(watch), decode,
                   f"getChildren {path!r}{' watch' if watch else ''}")


def get_children2(path, watch=False):
    def decode(reader):
        return {"children": sorted(reader.vector(reader.string)), "stat": reader.stat()}
    return Request("getChildren2", 12, pack_string(path) + pack_bool(watch), decode,
                   f"getChildren2 {path!r}{' watch' if watch else ''}")


def sync(path):
    return Request("sync", 9, pack_string(path), _path_value, f"sync {path!r}")


def ping():
    return Request("ping", 11, b"", None, "ping", xid=PING_XID)


def check(path, version=-1):
    return Request("check", 13, pack_string(path) + pack_int(version), None,
                   f"check {path!r} v={version}")


def _multi_results(requests):
    decoders = {1: _path_value, 15: _path_and_stat, 2: None, 5: _only_stat, 13: None,
                4: _data_and_stat, 8: lambda r: {"children": sorted(r.vector(r.string))}}

    def decode(reader):
        results = []
        while True:
            kind, done, err = reader.int(), reader.bool(), reader.int()
            if done:
                if (kind, err) != (-1, -1):
                    raise WireError(f"multi ends with type {kind}, err {err}")
                break
            if kind == -1:
                code = reader.int()
                if code != err:
                    raise WireError(f"multi result: header says {err}, body says {code}")
                results.append(("error", err))
            elif kind in decoders:
                if err != 0:
                    raise WireError(f"multi result of type {kind} with err {err}")
                decoder = decoders[kind]
                results.append((kind, decoder(reader) if decoder else None))
            else:
                raise WireError(f"multi result of type {kind}")
        if len(results) != len(requests):
            raise WireError(f"{len(results)} results for {len(requests)} operations")
        return results
    return decode


def _multi_body(requests):
    body = b"".join(pack_int(r.opcode) + pack_bool(False) + pack_int(-1) + r.body
                    for r in requests)
    return body + pack_int(-1) + pack_bool(True) + pack_int(-1)


def multi(*requests):
    text = "multi {" + "; ".join(str(r) for r in requests) + "}"
    return Request("multi", 14, _multi_body(requests), _multi_results(requests), text,
                   writes=any(r.writes for r in requests))


def multi_read(*requests):
    text = "multiRead {" + "; ".join(str(r) for r in requests) + "}"
    return Request("multiRead", 22, _multi_body(requests), _multi_results(requests), text)


def reconfig(joining=None, leaving=None, members=None, version=-1):
    body = pack_string(joining) + pack_string(leaving) + pack_string(members) + pack_long(version)
    return Request("reconfig", 16, body, _data_and_stat, f"reconfig {joining} {leaving} {members}",
                   writes=True)


def check_watches(path, kind):
    return Request("checkWatches", 17, pack_string(path) + pack_int(kind), None,
                   f"checkWatches {path!r} type={kind}")


def remove_watches(path, kind):
    return Request("removeWatches", 18, pack_string(path) + pack_int(kind), None,
                   f"removeWatches {path!r} type={kind}")


def add_watch(path, mode):
    def decode(reader):
        return {"err": reader.int()}
    return Request("addWatch", 106, pack_string(path) + pack_int(mode), decode,
                   f"addWatch {path!r} mode={mode}")


def set_watches(relative_zxid, data=(), exist=(), child=()):
    body = pack_long(relative_zxid)
    for paths in (data, exist, child):
        body += pack_vector(paths, pack_string)
    return Request("setWatches", 101, body, None,
                   f"setWatches data={_names(data)} exist={_names(exist)} child={_names(child)}",
                   xid=SET_WATCHES_XID)


def set_watches2(relative_zxid, data=(), exist=(), child=(), persistent=(), recursive=()):
    body = pack_long(relative_zxid)
    for paths in (data, exist, child, persistent, recursive):
        body += pack_vector(paths, pack_string)
    return Request("setWatches2", 105, body, None,
                   f"setWatches2 data={_names(data)} exist={_names(exist)} child={_names(child)} "
                   f"persistent={_names(persistent)} recursive={_names(recursive)}",
                   xid=SET_WATCHES_XID)


def _names(paths):
    return "null" if paths is None else list(paths)


def auth(scheme, data):
    body = pack_int(0) + pack_string(scheme) + pack_buffer(data)
    return Request("auth", 100, body, None, f"auth {scheme} {_shown(data)}", xid=AUTH_XID)


def get_ephemerals(prefix=None):
    def decode(reader):
        return {"ephemerals": sorted(reader.vector(reader.string))}
    return Request("getEphemerals", 103, pack_string(prefix), decode, f"getEphemerals {prefix!r}")


def get_all_children_number(path):
    return Request("getAllChildrenNumber", 104, pack_string(path),
                   lambda reader: {"total": reader.int()}, f"getAllChildrenNumber {path!r}")


def who_am_i():
    def decode(reader):
        return {"ids": sorted(reader.vector(lambda: (reader.string(), reader.string())))}
    return Request("whoAmI", 107, b"", decode, "whoAmI")


def close_session():
    return Request("closeSession", -11, b"", None, "closeSession", writes=True)


def raw(opcode, body=b"", text=None, decode=None, xid=None):
    """A request with a body of the caller's own making."""
    return Request("raw", opcode, body, decode, text or f"opcode {opcode} body={body.hex()}",
                   xid=xid)
