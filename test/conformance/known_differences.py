"""Where Troupe departs from Debian's ZooKeeper 3.8.0 on purpose, as docs/compatibility.md says.

Each rule names a step and a field by pattern, the value on ZooKeeper's side and the value on
Troupe's; a difference that is not exactly that is a failure.
"""

from support.transcript import Known

UNIMPLEMENTED_THEN_CLOSE = "operations that only servers may issue get -6 and the connection ends"
MODES = ("since 3.9 the kinds of watch on one path stand side by side; in 3.8 the last one set "
         "replaces the others")
EMPTY_PATH = "ZooKeeper keeps the root under a second name, the empty path; it is no path"
EXISTS_READ = "exists needs READ since 3.8.4 and 3.9.2; Debian's 3.8.0 checks only the events"

KNOWN = [
    # ---- Rules of the protocol document ----
    Known(r"^resuming .*somebody's wrong password", r"^$", "False", "True",
          "the password is checked before the older connection of the session is closed"),
    Known(r"^opcodes .*opcode 20 ", r"err", "BADARGUMENTS", "UNIMPLEMENTED",
          UNIMPLEMENTED_THEN_CLOSE),
    Known(r"^opcodes .*opcode 20 ", r"zxid", "#", "-1", UNIMPLEMENTED_THEN_CLOSE),
    Known(r"^opcodes .*(check: check|reap: still served|check: still served)", r"", "", "",
          UNIMPLEMENTED_THEN_CLOSE + "; a bare check is one of them"),
    Known(r"^container-flag .*flags 4", r"", "0", "-8",
          "create with flags 4 is refused or makes a container, not a plain node"),
    Known(r"(setWatches2?) .*null", r"err", "MARSHALLINGERROR", "OK",
          "a null list of watches is an empty one"),
    Known(r"", r"bytes_after_error", r"\d", "absent",
          "an error reply has no body; ZooKeeper appends an empty multi result to -5"),
    # ---- Later versions than Debian's ----
    Known(r"(permissions|reads|schemes) .*exists ", r"err", "OK", "NOAUTH", EXISTS_READ),
    Known(r"(permissions|reads|schemes) .*exists ", r"value", "", "absent", EXISTS_READ),
    Known(r"multi .*create2 .*", r"value", "", "",
          "since 3.8.2 a create2 in a multi answers with path and Stat, type 15"),
    Known(r"persistent .*(persistent|one-shot|recursive) first, then", r"", "", "", MODES),
    Known(r"removal .*(type=[45]|remove [45]|not the owner [45])", r"err", "MARSHALLINGERROR",
          "NOWATCHER|OK", "watch types 4 and 5 exist since 3.9"),
    Known(r"^ip6 .*acl ip:", r"", "-114", "0", "IPv6 addresses in ACLs"),
    # ---- Quirks that nobody can want ----
    Known(r"^paths .* '' ?", r"", "", "", EMPTY_PATH),
    Known(r"(paths|multi-read|set-watches) .*''", r"", "", "", EMPTY_PATH),
    Known(r"^paths .*checkWatches 'x'", r"err", "MARSHALLINGERROR", "OK",
          "a watch on a path without a slash breaks ZooKeeper's check"),
    Known(r"^quotas .*usage set by a client", r"(data|data_length)", "", "",
          "usage is derived from the tree; what a client writes to zookeeper_stats is not kept"),
    Known(r"^quotas .*usage around a deeper quota", r"value.data$", "count=5", "count=6",
          "usage of an outer path is that of its whole subtree; ZooKeeper leaves out what happens "
          "below a deeper quota until it is restarted"),
    Known(r" checkWatches ", r"err", "OK", "NOWATCHER",
          "ZooKeeper 3.8 says yes for a watch that only another connection has on the path"),
]
