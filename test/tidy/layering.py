"""Who may include whom (ARCHITECTURE.md has the picture).

base <- every core; base, roles and sdk <- rooms and plugins; a room never includes another room;
runtime/ never includes actors/; generated Cap'n Proto headers only in codec/.
"""

# What decides by itself when and where it runs cannot be part of a pure core.
IMPURE = ("caf/", "kj/", "capnp/", "spdlog/", "sys/", "CLI/", "yaml-cpp/")
IMPURE_HEADERS = {
    "fstream", "iostream", "thread", "mutex", "condition_variable", "random", "future",
    "unistd.h", "fcntl.h", "poll.h", "filesystem",
}
PUBLIC_FOR_ROOMS = ("troupe/base/", "troupe/roles/", "troupe/sdk/", "troupe/version.hpp")
# The only places that know the list of built-in components.
KNOWS_BUILT_INS = ("runtime/embed/builtins.cpp",)


def room_of(parts):
    """The room a path below actors/ belongs to, or None for the list of built-ins itself."""
    if len(parts) < 3 or parts[0] != "actors":
        return None
    # Every gateway is a room of its own.
    return "/".join(parts[:3] if parts[1] == "gateway" and len(parts) > 3 else parts[:2])


def check_layering(file):
    """Yields (line, message) for every arrow that points the wrong way."""
    if not file.is_cpp:
        return
    for line, name in file.includes():
        for rule in (generated_only_in_codec, base_stands_alone, core_is_pure, room_is_closed,
                     runtime_knows_no_room, plugin_uses_public_headers):
            message = rule(file, name)
            if message:
                yield line, message


def generated_only_in_codec(file, name):
    if name.endswith(".capnp.h") and not file.is_test and "codec" not in file.parts:
        return f"generated header {name} outside of a codec/ folder"
    return None


def base_stands_alone(file, name):
    in_base = file.path.startswith(("runtime/base/", "runtime/include/troupe/base/"))
    if not in_base:
        return None
    if name.startswith("troupe/") and not name.startswith("troupe/base/"):
        return f"base includes {name}; base may only include base"
    if name.startswith(("caf/", "kj/", "capnp/", "actors/")):
        return f"base includes {name}; base is free of frameworks"
    if name.startswith("runtime/") and not name.startswith("runtime/base/"):
        return f"base includes {name}; base may only include base"
    return None


def core_is_pure(file, name):
    if file.parts[0] not in {"actors", "plugins"} or "core" not in file.parts[:-1]:
        return None
    if name.startswith(IMPURE) or name in IMPURE_HEADERS:
        return f"core includes {name}; cores are pure"
    if name.startswith("troupe/") and not name.startswith("troupe/base/"):
        return f"core includes {name}; of the public headers a core may only include troupe/base"
    core = "/".join(file.parts[:file.parts.index("core") + 1]) + "/"
    if name.startswith(("actors/", "plugins/", "runtime/")) and not name.startswith(core):
        return f"core includes {name}; a core may only include itself and base"
    return None


def room_is_closed(file, name):
    if file.parts[0] != "actors":
        return None
    if name.startswith("runtime/"):
        return f"room includes {name}; rooms see only the public headers of the runtime"
    room = room_of(file.parts)
    if room is None:
        return None
    if name.startswith("troupe/") and not name.startswith(PUBLIC_FOR_ROOMS):
        return f"room includes {name}; rooms may include base, roles and sdk"
    if name.startswith("actors/") and room_of(tuple(name.split("/"))) != room:
        return f"{room} includes {name}; a room never includes another room"
    return None


def runtime_knows_no_room(file, name):
    if file.parts[0] != "runtime" or not name.startswith(("actors/", "plugins/")):
        return None
    if file.path.startswith(KNOWS_BUILT_INS):
        return None
    return f"runtime includes {name}; the frame knows no room"


def plugin_uses_public_headers(file, name):
    if file.parts[0] != "plugins" or len(file.parts) < 3:
        return None
    own = "/".join(file.parts[:2]) + "/"
    if name.startswith(("actors/", "runtime/")):
        return f"plugin includes {name}; plugins see only installed headers"
    if name.startswith("plugins/") and not name.startswith(own):
        return f"plugin includes {name}; a plugin never includes another plugin"
    return None
