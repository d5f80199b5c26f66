"""The script of the comparison, in sections; each section is a function of a Recorder."""

from . import access, creation, handshake, limits, mutation, paths, random_walk, sessions
from . import transactions, watches, rewatch, malformed, reading

# The fresh tree comes first: it looks at the built-in nodes before anybody has touched them.
SECTIONS = [
    reading.fresh_tree,
    handshake.opening,
    handshake.resuming,
    creation.modes,
    creation.container_flag,
    creation.sequences,
    creation.order_of_checks,
    mutation.deleting,
    mutation.data,
    mutation.acl_versions,
    paths.table,
    access.schemes,
    access.ip6,
    access.permissions,
    access.identities,
    reading.reads,
    transactions.successes,
    transactions.failures,
    transactions.multi_reads,
    watches.one_shot,
    watches.persistent,
    watches.removal,
    watches.several_connections,
    watches.filtered,
    rewatch.set_watches_rows,
    rewatch.set_watches2_rows,
    sessions.ephemerals,
    sessions.expiry,
    sessions.pipelining,
    limits.containers,
    limits.ttl,
    limits.quotas,
    malformed.opcodes,
    malformed.bodies,
    malformed.frames,
    random_walk.walk,
]

# On a server whose optional features are off.
PLAIN_SECTIONS = [limits.plain]
