"""What somebody has who only has an installed Troupe: usage: test_install.py headers|example BUILD.

Installs the build folder BUILD below a temporary prefix and works with that alone:

* ``headers``: every installed header compiles by itself; a plugin with a schema builds and loads,
  those that were compiled with another standard library mode or a sanitizer are refused, by the
  values of their own compile;
* ``example``: plugins/example, copied elsewhere, builds and passes its tests; the prefix is moved;
  a composition of the installed program uses the plugin, is killed in the middle of its work, and
  after the next start every item has exactly one outcome.
"""

import json
import logging
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test" / "conformance"))

from kazoo.client import KazooClient  # noqa: E402
from kazoo.exceptions import KazooException  # noqa: E402
from support.ports import free_port  # noqa: E402
from support.servers import wait_until  # noqa: E402

# Put by transactions, so that the handler cannot keep up.
TRANSACTIONS = 6
ITEMS_EACH = 500

HEADERS_PROJECT = """
cmake_minimum_required(VERSION 3.25)
project(headers VERSION 3.2.1 LANGUAGES C CXX)
set(CMAKE_CXX_EXTENSIONS OFF)
find_package(Troupe 0.1 REQUIRED)
file(GLOB alone "${CMAKE_CURRENT_SOURCE_DIR}/alone/*.cpp")
add_library(alone OBJECT ${alone})
target_link_libraries(alone PRIVATE Troupe::troupe)
target_compile_options(alone PRIVATE -Wall -Wextra -Wpedantic -Werror)
add_library(c_entry OBJECT entry.c)
set_target_properties(c_entry PROPERTIES C_STANDARD 11 C_EXTENSIONS OFF)
target_include_directories(c_entry PRIVATE
                           $<TARGET_PROPERTY:Troupe::troupe,INTERFACE_INCLUDE_DIRECTORIES>)
target_compile_options(c_entry PRIVATE -Wall -Wextra -Wpedantic -Werror)
troupe_add_plugin(plain SOURCES plain.cpp SCHEMAS parcel.capnp)
troupe_add_plugin(checked SOURCES checked.cpp)
target_compile_definitions(plugin_checked_code PRIVATE _GLIBCXX_ASSERTIONS)
foreach(sanitizer address thread)
  troupe_add_plugin(${sanitizer} SOURCES checked.cpp)
  target_compile_options(plugin_${sanitizer}_code PRIVATE -fsanitize=${sanitizer})
  target_link_options(plugin_${sanitizer} PRIVATE -fsanitize=${sanitizer})
endforeach()
"""

SCHEMA = "@0xb1a2c3d4e5f60718;\nstruct Parcel { weight @0 :UInt32; }\n"

PLUGIN = """
#include <troupe/sdk/plugin.hpp>
%s
TROUPE_PLUGIN(TROUPE_PLUGIN_NAME, TROUPE_PLUGIN_VERSION, "A toy", [](troupe::sdk::catalog& types) {
  types.add({.name = TROUPE_PLUGIN_NAME ".toy", .summary = "A toy.", .gives = {"toy", 1}});
})
"""


def run(*command, expect=0):
    """Runs a command and returns its output; fails with the output when its exit code differs."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != expect:
        sys.exit(f"{' '.join(map(str, command))}: exit code {done.returncode}, "
                 f"expected {expect}:\n{done.stdout}")
    return done.stdout


def check(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")
    print(f"ok: {what}", flush=True)


def install(build, prefix):
    run("cmake", "--install", build, "--prefix", prefix)


def configure(source, prefix, *options):
    build = source / "build"
    run("cmake", "-G", "Ninja", "-S", source, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}",
        *options)
    return build


def exported(library):
    lines = run("nm", "--dynamic", "--defined-only", library).splitlines()
    return [line.split()[-1] for line in lines]


# ---------------------------------------------------------------------------------- headers

def test_headers(build, work):
    prefix = work / "prefix"
    install(build, prefix)
    include = prefix / "include"
    headers = sorted(path.relative_to(include).as_posix()
                     for path in include.rglob("*") if path.suffix in {".hpp", ".h"})
    source = work / "headers"
    (source / "alone").mkdir(parents=True)
    for header in headers:
        name = header.replace("/", "_") + ".cpp"
        (source / "alone" / name).write_text(f"#include <{header}>\n#include <{header}>\n")
    (source / "CMakeLists.txt").write_text(HEADERS_PROJECT)
    (source / "entry.c").write_text("#include <troupe/sdk/plugin.h>\n"
                                    "extern const struct troupe_plugin_info troupe_plugin;\n")
    (source / "parcel.capnp").write_text(SCHEMA)
    (source / "plain.cpp").write_text(PLUGIN % '#include "schemas/parcel.capnp.h"')
    (source / "checked.cpp").write_text(PLUGIN % "")
    run("cmake", "--build", configure(source, prefix))
    check(len(headers) > 30, f"{len(headers)} installed headers compile, each by itself")

    plugins = source / "build" / "plugins"
    check(exported(plugins / "libtroupe_plain.so") == ["troupe_plugin"],
          "a plugin exports its constant and nothing else")
    troupe = prefix / "bin" / "troupe"
    text = run(troupe, "version", "--plugin", "plain", "--plugin-path", plugins)
    check("plugin plain       3.2.1  A toy" in text, "a plugin with a schema is loaded")
    text = run(troupe, "describe", "--plugin", "checked", "--plugin-path", plugins, expect=2)
    check('debug mode: it has "_GLIBCXX_ASSERTIONS", this program "none"' in text,
          "a plugin of another standard library mode is refused")
    for name in ("address", "thread"):
        text = run(troupe, "describe", "--plugin", name, "--plugin-path", plugins, expect=2)
        check(f'sanitizers: it has "{name}", this program "none"' in text,
              f"a plugin with the {name} sanitizer is refused before its runtime ends the program")


# ---------------------------------------------------------------------------------- example

class Server:
    """The installed program with the example's composition."""

    def __init__(self, troupe, config, data):
        self.address = f"127.0.0.1:{free_port()}"
        self._web = f"127.0.0.1:{free_port()}"
        self._command = [troupe, "run", config, "--set", f"clients.listen={self.address}",
                         "--set", f"web.listen={self._web}", "--set", f"node.data_dir={data}"]
        self._log = data.with_suffix(".log")
        self._process = None

    def start(self):
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([str(word) for word in self._command], stdout=log,
                                             stderr=log)
        client = KazooClient(hosts=self.address)
        client.start(timeout=30)
        wait_until(lambda: client.exists("/orders/items"), "the handler to make its nodes")
        return client

    def page(self, path):
        """What the server shows to monitoring."""
        with urllib.request.urlopen(f"http://{self._web}{path}", timeout=30) as answer:
            return answer.read().decode()

    def kill(self):
        self._process.kill()
        self._process.wait()

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        check(self._process.wait(timeout=30) == 0, "the server stops in order")

    def end(self):
        """Leaves nothing behind, whatever has happened."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
            sys.stderr.write(self._log.read_text(errors="replace")[-4000:])


def put_until_killed(server, client):
    """Puts items as fast as it goes and kills the server in the middle. Returns the names of the
    acknowledged ones with their data."""
    puts = []
    for first in range(0, TRANSACTIONS * ITEMS_EACH, ITEMS_EACH):
        transaction = client.transaction()
        items = [f"item {number}" for number in range(first, first + ITEMS_EACH)]
        for item in items:
            transaction.create("/orders/items/entry-", item.encode(), sequence=True)
        puts.append((items, transaction.commit_async()))
    watcher = KazooClient(hosts=server.address)
    watcher.start(timeout=30)
    wait_until(lambda: watcher.exists("/orders/results").numChildren
               and watcher.exists("/orders/items").numChildren > ITEMS_EACH // 2,
               "results while items wait", poll_s=0.001)
    server.kill()
    watcher.stop()
    acknowledged = {}
    for items, put in puts:
        try:
            paths = put.get(timeout=30)
        except KazooException:
            continue  # the server was gone: it may have happened or not
        acknowledged.update((path.rsplit("/", 1)[1], item) for path, item in zip(paths, items))
    client.stop()
    return acknowledged


def outcomes(client):
    """Name to (data, Stat) of all results."""
    pending = [(name, client.get_async(f"/orders/results/{name}"))
               for name in client.get_children("/orders/results")]
    return {name: result.get(timeout=30) for name, result in pending}


def exactly_once(server, client):
    acknowledged = put_until_killed(server, client)
    check(acknowledged, f"{len(acknowledged)} items acknowledged before kill -9")
    client = server.start()
    late = client.create("/orders/items/entry-", b"after the crash", sequence=True)
    acknowledged[late.rsplit("/", 1)[1]] = "after the crash"
    wait_until(lambda: not client.get_children("/orders/items"), "the queue to be empty", 30)
    results = outcomes(client)
    check(set(acknowledged) <= set(results), "no acknowledged item is lost")
    check(all(results[name][0] == data.upper().encode() for name, data in acknowledged.items()),
          "each has the handler's result")
    check(all(stat.version == 0 for _, stat in results.values()), "none was handled twice")
    epochs = [stat.czxid >> 32 for _, stat in results.values()]
    before = epochs.count(min(epochs))
    check(0 < before < len(results) - 1,
          f"{before} were handled before, {len(results) - before} after the next start")
    zxids = [results[name][1].czxid for name in sorted(results)]
    check(zxids == sorted(zxids), "items were handled in their order")
    check(len(set(zxids)) < len(zxids), "several items went in one transaction")
    client.stop()
    client.close()
    after = len(results) - before
    check(f'queue_handler_items_total{{component="orders",type="example.queue_handler",'
          f'plugin="queue_handler",outcome="handled"}} {after}\n' in server.page("/metrics"),
          "metrics count them, by component and plugin")
    check(json.loads(server.page("/status"))["plugins"] == {"queue_handler": "0.1.0"},
          "the status names the plugin")


def test_example(build, work):
    install(build, work / "first_prefix")
    source = work / "author" / "queue_handler"
    shutil.copytree(ROOT / "plugins" / "example", source)
    author_build = configure(source, work / "first_prefix")
    run("cmake", "--build", author_build)
    text = run("ctest", "--test-dir", author_build, "--no-tests=error")
    check("100% tests passed" in text, text.strip().splitlines()[-3])
    library = author_build / "plugins" / "libtroupe_queue_handler.so"
    check(exported(library) == ["troupe_plugin"], "the plugin exports its constant only")

    # An installed Troupe may be moved as a whole.
    run("cmake", "--install", author_build, "--prefix", work / "first_prefix")
    prefix = work / "prefix"
    (work / "first_prefix").rename(prefix)
    troupe, config = prefix / "bin" / "troupe", source / "queue.yaml"
    installed = next(prefix.rglob("libtroupe_queue_handler.so"))
    check(f"plugin queue_handler 0.1.0 from {installed}\n" in run(troupe, "check", config),
          "an installed plugin is found by its name")
    text = run(troupe, "check", config, "--plugin-path", library.parent)
    check(f"plugin queue_handler 0.1.0 from {library}\n" in text, "--plugin-path goes first")
    server = Server(troupe, config, work / "data")
    try:
        exactly_once(server, server.start())
        server.stop()
    finally:
        server.end()


def main(arguments):
    if len(arguments) != 3 or arguments[1] not in {"headers", "example"}:
        sys.exit(__doc__)
    logging.getLogger("kazoo").setLevel(logging.CRITICAL)  # it tells of every lost connection
    os.environ.pop("TROUPE_PLUGIN_PATH", None)
    with tempfile.TemporaryDirectory(prefix="troupe-install-") as folder:
        work = pathlib.Path(folder).resolve()
        build = pathlib.Path(arguments[2]).resolve()
        {"headers": test_headers, "example": test_example}[arguments[1]](build, work)


if __name__ == "__main__":
    main(sys.argv)
