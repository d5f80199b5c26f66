"""Records what a server answers to a script, in a form in which two servers can be compared.

Values that differ between any two runs are replaced by what they say about each other:

* a zxid by its rank among the zxids of its section that changed the tree (a refused write takes a
  zxid in ZooKeeper and none in Troupe; the rank does not see those, nor those of sessions);
* a time by a check: one zxid has one time, times do not fall as zxids grow, and all lie within the
  run (a violation becomes part of the transcript);
* a session id by the name of the connection that opened it;
* the zxid of a notification is checked to be -1 or positive, then dropped.
"""

import bisect
import itertools
import re
import time
from typing import NamedTuple

from . import wire

MUTATIONS = {"create", "create2", "createContainer", "createTTL", "delete", "setData", "setACL",
             "closeSession"}
REPLY_DEADLINE_S = 10.0


class Zxid(NamedTuple):
    value: int


class Session(NamedTuple):
    id: int


class Time(NamedTuple):
    zxid: int
    ms: int


class Step(NamedTuple):
    label: str
    value: object


def error_name(code):
    return wire.ERROR_NAMES.get(code, str(code))


class Recorder:
    """Runs operations on named connections and writes down what came back."""

    def __init__(self, server):
        self.server = server
        self.address = server.address
        self.steps = []
        self._wires = {}
        self._sessions = {}
        self._changed = set()
        self._event_zxids = set()
        self._bases = {}
        self._started_ms = int(time.time() * 1000)
        self._section = ""
        self._count = 0

    # ---- Structure ----

    def section(self, name):
        """Starts a part of the script; its connections end with `end_section`."""
        self._section, self._count = name, 0
        self._bases[name] = max(self._changed, default=0)

    def end_section(self):
        for name in list(self._wires):
            self.close(name)

    def give_up(self, error):
        """Ends a section that could not go on; the next one starts with nothing open."""
        self.note("the section ends here", f"{type(error).__name__}: {error}")
        for name in list(self._wires):
            self.drop(name)

    def note(self, what, value):
        """Writes down a value computed by the script."""
        self._count += 1
        self.steps.append(Step(f"{self._section} {self._count:03d} {what}", value))
        return value

    # ---- Connections ----

    def __getitem__(self, name):
        return self._wires[name]

    def connect(self, name, record=True, **kwargs):
        """Opens or resumes a session (see Wire.open) as connection `name`."""
        shown = {k: (v if not isinstance(v, wire.Wire) else "resume") for k, v in kwargs.items()
                 if k not in ("last_zxid",)}
        kwargs.setdefault("timeout_ms", 20000)
        kwargs.setdefault("timeout_s", REPLY_DEADLINE_S)
        label = f"{name}: connect {shown if shown else ''}".rstrip()
        try:
            opened = wire.Wire.open(self.address, **kwargs)
        except (wire.Closed, ConnectionError):
            self.note(label, {"closed": True})
            return None
        except wire.WireError as error:
            self.note(label, {"broken": str(error)})
            return None
        if opened.session_id and opened.session_id not in self._sessions:
            self._sessions[opened.session_id] = name
        self._wires[name] = opened
        opened.strict = False
        greeting = opened.greeting
        value = {"timeout": greeting.timeout_ms, "session": Session(greeting.session_id),
                 "password": "zero" if not any(greeting.password) else "secret",
                 "password_length": len(greeting.password), "read_only": greeting.read_only,
                 "length": greeting.length, "protocol": greeting.protocol}
        if record:
            self.note(label, value)
        return opened

    def drop(self, name):
        """Breaks a connection; its session lives on. Returns the Wire for a later resume."""
        gone = self._wires.pop(name)
        gone.drop()
        return gone

    def close(self, name):
        """Closes a session and waits for the server to close the connection."""
        closing = self._wires.pop(name)
        try:
            reply = closing.call(wire.close_session())
            self._saw(wire.close_session(), reply)
            closing.wait_closed(REPLY_DEADLINE_S)
            closing.drop()
        except (wire.Closed, ConnectionError):
            pass
        except TimeoutError:
            self.note(f"{name}: closing", "the server kept the connection open")

    # ---- Operations ----

    def do(self, name, request, label=None, sort_events=False, xid=None):
        """One operation: its reply, and the notifications that came before the reply."""
        connection = self._wires[name]
        value = {}
        reply = None
        try:
            reply = connection.call(request, xid)
            value = self.shown_reply(request, reply)
        except (wire.Closed, ConnectionError):
            value["closed"] = True
        except wire.WireError as error:
            value["broken"] = str(error)
        except TimeoutError:
            value["silent"] = True
        value["events"] = self.shown_events(connection.take_events(), sort_events)
        self.note(label or f"{name}: {request}", value)
        return reply

    def each(self, name, *requests):
        for request in requests:
            self.do(name, request)

    def quiet(self, name, *requests):
        """Operations that prepare something: they must succeed and are not written down."""
        value = None
        for request in requests:
            reply = self._wires[name].call(request)
            if reply.err != 0:
                raise AssertionError(f"{self._section}: {request}: {error_name(reply.err)}")
            self._saw(request, reply)
            value = reply.value
        return value

    def events(self, name, label="events", sort_events=False):
        """Writes down all notifications that the server has for this connection."""
        connection = self._wires[name]
        try:
            connection.call(wire.exists("/"))
        except (wire.Closed, ConnectionError):
            self.note(f"{name}: {label}", {"closed": True})
            return []
        events = connection.take_events()
        self.note(f"{name}: {label}", self.shown_events(events, sort_events))
        return events

    def alive(self, name, label="still served"):
        """Writes down whether the connection still answers."""
        try:
            reply = self._wires[name].call(wire.exists("/"))
            alive = reply.err == 0
        except (wire.Closed, ConnectionError):
            alive = False
        self.note(f"{name}: {label}", alive)
        return alive

    def closed(self, name, label="closed by the server"):
        """Waits for the server to close; writes down what it sent before."""
        connection = self._wires[name]
        try:
            packets = connection.wait_closed(REPLY_DEADLINE_S)
            value = {"closed": True, "packets": len(packets)}
        except TimeoutError:
            value = {"closed": False}
        except wire.WireError as error:
            value = {"broken": str(error)}
        self.note(f"{name}: {label}", value)

    def until(self, name, request, condition, what):
        """Repeats a read, not written down, until its reply satisfies `condition`."""
        deadline = time.monotonic() + 20
        while True:
            reply = self._wires[name].call(request)
            if condition(reply):
                return reply
            if time.monotonic() > deadline:
                raise AssertionError(f"{self._section}: gave up waiting for {what}")

    # ---- Values ----

    def _saw(self, request, reply):
        if reply.err != 0:
            return
        if request.name in MUTATIONS:
            self._changed.add(reply.zxid)
        if request.name == "multi" and any(k not in ("error", 13) for k, _ in reply.value):
            self._changed.add(reply.zxid)

    def shown_reply(self, request, reply):
        self._saw(request, reply)
        shown = {"err": error_name(reply.err), "zxid": Zxid(reply.zxid)}
        if reply.extra:
            shown["bytes_after_error"] = reply.extra
        if reply.value is not None:
            shown["value"] = self._shown(reply.value)
        return shown

    def shown_events(self, events, sort_events=False):
        shown = [f"{wire.EVENT_NAMES.get(e.type, e.type)} {e.path}"
                 + ("" if e.state == 3 else f" state={e.state}") for e in events]
        self._event_zxids.update(e.zxid for e in events if e.zxid != -1)
        return sorted(shown) if sort_events else shown

    def _shown(self, value):
        if isinstance(value, wire.Stat):
            self._changed.update(z for z in (value.czxid, value.mzxid, value.pzxid))
            return {"czxid": Zxid(value.czxid), "mzxid": Zxid(value.mzxid),
                    "pzxid": Zxid(value.pzxid), "ctime": Time(value.czxid, value.ctime),
                    "mtime": Time(value.mzxid, value.mtime), "version": value.version,
                    "cversion": value.cversion, "aversion": value.aversion,
                    "owner": Session(value.ephemeral_owner), "data_length": value.data_length,
                    "num_children": value.num_children}
        if isinstance(value, dict):
            return {k: self._shown(_sorted_acl(v) if k == "acl" else v)
                    for k, v in value.items()}
        if isinstance(value, wire.Acl):
            return f"{value.scheme}:{value.id}:{value.perms}"
        if isinstance(value, (list, tuple)):
            return [self._shown(v) for v in value]
        if isinstance(value, bytes) and len(value) > 100:
            return f"{len(value)} bytes, first {value[:8]!r}"
        return value

    # ---- Normalisation ----

    def transcript(self):
        """The steps with everything that differs from run to run taken out."""
        ranks = sorted(z for z in self._changed if z > 0)
        times = {}
        faults = []
        ended_ms = int(time.time() * 1000)

        def look(value):
            if isinstance(value, Time) and value.zxid > 0:
                known = times.setdefault(value.zxid, value.ms)
                if known != value.ms:
                    faults.append(f"zxid {value.zxid:#x} has times {known} and {value.ms}")
                if not self._started_ms - 2000 <= value.ms <= ended_ms + 2000:
                    faults.append(f"time {value.ms} outside of the run")
            elif isinstance(value, dict):
                for part in value.values():
                    look(part)
            elif isinstance(value, list):
                for part in value:
                    look(part)

        def rank(zxid, base):
            if zxid <= base:
                return "earlier"
            return f"#{bisect.bisect_right(ranks, zxid) - bisect.bisect_right(ranks, base)}"

        def plain(value, base):
            if isinstance(value, Zxid):
                return value.value if value.value <= 0 else rank(value.value, base)
            if isinstance(value, Time):
                return value.ms if value.zxid <= 0 else f"time of {rank(value.zxid, base)}"
            if isinstance(value, Session):
                return self._sessions.get(value.id, "?") if value.id else 0
            if isinstance(value, dict):
                return {k: plain(v, base) for k, v in value.items()}
            if isinstance(value, list):
                return [plain(v, base) for v in value]
            return value

        for step in self.steps:
            look(step.value)
        for zxid in sorted(z for z in self._event_zxids if z <= 0):
            faults.append(f"a notification with zxid {zxid}")
        ordered = [times[z] for z in sorted(times)]
        if ordered != sorted(ordered):
            faults.append("times fall while zxids grow")
        result = [Step(s.label, plain(s.value, self._bases.get(s.label.split()[0], 0)))
                  for s in self.steps]
        result.append(Step("times of the whole run", faults))
        return result


def _sorted_acl(entries):
    """The entries in order, but neighbours that one `auth` entry may have become are sorted."""
    runs = itertools.groupby(entries, key=lambda acl: (acl.perms, acl.scheme))
    return [acl for _, run in runs for acl in sorted(run)]


def flatten(value, prefix=""):
    """{path: leaf} of nested dicts and lists."""
    if isinstance(value, dict):
        parts = {}
        for key, part in value.items():
            parts.update(flatten(part, f"{prefix}.{key}" if prefix else str(key)))
        return parts
    if isinstance(value, list) and value and all(isinstance(v, (dict, list)) for v in value):
        parts = {}
        for index, part in enumerate(value):
            parts.update(flatten(part, f"{prefix}[{index}]"))
        return parts
    return {prefix: value}


class Difference(NamedTuple):
    label: str
    field: str
    left: object
    right: object

    def __str__(self):
        return f"{self.label}\n    {self.field or 'value'}:\n      left:  {self.left}\n" \
               f"      right: {self.right}"


class Known(NamedTuple):
    """A difference that is accepted, and why. Patterns are searched, `*` values are reprs."""

    label: str
    field: str
    left: str
    right: str
    reason: str

    def covers(self, difference):
        return (re.search(self.label, difference.label)
                and re.search(self.field, difference.field)
                and re.search(self.left, str(difference.left))
                and re.search(self.right, str(difference.right)))


ABSENT = "(absent)"


def compare(left, right):
    """All differences between two transcripts, section by section and field by field."""
    sections = {}
    for side, steps in enumerate((left, right)):
        for step in steps:
            sections.setdefault(step.label.split()[0], ([], []))[side].append(step)
    return [d for one, two in sections.values() for d in _compare_section(one, two)]


def _compare_section(left, right):
    found = []
    for index in range(max(len(left), len(right))):
        one = left[index] if index < len(left) else Step(ABSENT, None)
        two = right[index] if index < len(right) else Step(ABSENT, None)
        if one.label != two.label:
            found.append(Difference(f"the scripts part at {one.label}", "label",
                                    f"{one.label} {one.value}", f"{two.label} {two.value}"))
            return found
        if one.value == two.value:
            continue
        first, second = flatten(one.value), flatten(two.value)
        for field in list(first) + [f for f in second if f not in first]:
            a, b = first.get(field, ABSENT), second.get(field, ABSENT)
            if a != b:
                found.append(Difference(one.label, field, a, b))
    return found
