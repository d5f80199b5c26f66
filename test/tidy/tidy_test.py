#!/usr/bin/env python3
"""Shows that tidy.py finds each kind of violation, and leaves correct files alone."""

import tempfile
import unittest
from pathlib import Path

import tidy
from source_tree import SourceFile, read_tree

ONCE = "#pragma once\n"

# (rule, path, content): exactly this one rule must object, once.
VIOLATIONS = [
    ("layering", "runtime/base/a.cpp", "#include <troupe/sdk/log.hpp>\n"),
    ("layering", "runtime/include/troupe/base/a.hpp", ONCE + "#include <caf/actor.hpp>\n"),
    ("layering", "runtime/base/a.cpp", '#include "runtime/config/located.hpp"\n'),
    ("layering", "runtime/compose/a.cpp", '#include "actors/tree/component.hpp"\n'),
    ("layering", "runtime/compose/a.cpp", '#include "log.capnp.h"\n'),
    ("layering", "actors/tree/core/a.cpp", "#include <caf/actor.hpp>\n"),
    ("layering", "actors/tree/core/a.cpp", "#include <fstream>\n"),
    ("layering", "actors/tree/core/a.cpp", "#include <troupe/roles/tree.hpp>\n"),
    ("layering", "actors/tree/core/a.cpp", '#include "actors/tree/tree_actor.hpp"\n'),
    ("layering", "actors/tree/a.cpp", '#include "actors/session/session_actor.hpp"\n'),
    ("layering", "actors/tree/a.cpp", '#include "runtime/reactor/reactor.hpp"\n'),
    ("layering", "actors/tree/a.cpp", "#include <troupe/testing/simulator.hpp>\n"),
    ("layering", "actors/gateway/rpc/a.cpp", '#include "actors/gateway/zookeeper/door.hpp"\n'),
    ("layering", "plugins/lock/a.cpp", '#include "actors/tree/core/tree.hpp"\n'),
    ("layering", "plugins/lock/a.cpp", '#include "plugins/queue/queue.hpp"\n'),
    ("length", "runtime/base/a.cpp", "\n" * 501),
    ("width", "runtime/base/a.cpp", "x" * 101 + "\n"),
    ("tabs", "runtime/base/a.cpp", "\tint x;\n"),
    ("tabs", "configs/README.md", "a\tb\n"),
    ("pragma-once", "runtime/base/a.hpp", "int x;\n"),
    ("sleeps", "test/unit/a.cpp", "std::this_thread::sleep_for(1s);\n"),
    ("sleeps", "test/unit/a.cpp", "::usleep(5);\n"),
    ("sleeps", "test/conformance/a.py", "time.sleep(0.1)\n"),
    ("sleeps", "test/conformance/a.sh", "start; sleep 1\n"),
    ("code", "runtime/plugin/a.cpp", "int r = dlclose(handle);\n"),
    ("code", "actors/tree/a.cpp", "delayed_send(this, 1s, 1);\n"),
    ("code", "runtime/reactor/a.cpp", "kj::evalLast([] {});\n"),
    ("code", "runtime/plugin/a.cpp", "try {\n} catch (...) {\n  // never mind\n}\n"),
    ("words", "runtime/base/a.cpp", "// TODO: later\n"),
    ("words", "docs/a.md", "see /home/ann/notes\n"),
    ("words", "dev", "cd /home/somebody/troupe\n"),
    ("test-names", "test/unit/a.cpp", 'TEST_CASE("one; two") {}\n'),
    ("configs", "configs/lonely.yaml", "troupe: 1\n"),
    ("past-bugs", "docs/zookeeper-bugs.md", "| 7 | it broke | it cannot | |\n"),
]

CLEAN = [
    ("runtime/embed/builtins.cpp", '#include "actors/tree/component.hpp"\n'),
    ("actors/builtins.cpp", '#include "actors/tree/component.hpp"\n'),
    ("actors/tree/core/a.cpp", '#include "actors/tree/core/b.hpp"\n#include <troupe/base/zxid.hpp>\n'),
    ("actors/tree/codec/a.cpp", '#include "txn.capnp.h"\n#include <capnp/message.h>\n'),
    ("actors/tree/a.cpp", '#include "actors/tree/core/b.hpp"\n#include <troupe/sdk/actor.hpp>\n'),
    ("actors/gateway/rpc/a.cpp", '#include "actors/gateway/rpc/core/b.hpp"\n'),
    ("runtime/plugin/a.cpp", '// never dlclose\nauto s = "dlclose";\n'),
    ("runtime/plugin/b.cpp", "try {\n} catch (const error& e) {\n  report(e);\n}\n"),
    ("runtime/base/a.cpp", "// TODO(ensemble): weights\n" + "x" * 100 + "\n" + "\n" * 498),
    ("runtime/base/digits.cpp", "auto n = 1'000'000; auto c = '\"'; auto d = '//'; int x;\n"),
    ("test/unit/polling.hpp", ONCE + "std::this_thread::sleep_for(step);  // polling\n"),
    ("test/conformance/polling.py", "time.sleep(0.01)  # polling\n"),
    ("test/unit/a.cpp", 'TEST_CASE("one, two") { check(";"); }\n'),
    ("configs/single.yaml", "troupe: 1\n"),
    ("test/golden/config/tab.yaml", "a:\tb\n"),
    ("test/unit/b.cpp", '// ZOOKEEPER-7, 8.\nTEST_CASE("once "\n          "broken", "[x]") {}\n'),
    ("docs/zookeeper-bugs.md", "| 7, 8 | it broke | it cannot | `once broken` |\n"),
    ("test/conformance/start.py", 'CONFIG = "single.yaml"\n'),
]


class TidyTest(unittest.TestCase):
    def test_finds_each_violation(self):
        for rule, path, content in VIOLATIONS:
            with self.subTest(rule=rule, path=path, content=content[:60]):
                found = tidy.check([SourceFile(path, content)])
                self.assertEqual([(entry[0], entry[2]) for entry in found], [(path, rule)])

    def test_every_rule_has_a_violation(self):
        self.assertEqual({rule for rule, _, _ in VIOLATIONS}, {*tidy.FILE_RULES, *tidy.TREE_RULES})

    def test_leaves_correct_files_alone(self):
        files = [SourceFile(path, content) for path, content in CLEAN]
        self.assertEqual(tidy.check(files), [])

    def test_says_which_test_of_a_past_bug_is_missing(self):
        files = [SourceFile("docs/zookeeper-bugs.md", "| 7, 9 | it | no | `once`, `gone` |\n"),
                 SourceFile("test/unit/b.cpp", 'TEST_CASE("once") {}  // ZOOKEEPER-7\n')]
        self.assertEqual([entry[3] for entry in tidy.check(files)],
                         ["no test is named 'gone'", "its tests do not name ZOOKEEPER-9"])

    def test_names_the_line(self):
        content = "/* a\n b */ int x;\ncall(dlclose);\n"
        found = tidy.check([SourceFile("runtime/plugin/a.cpp", content)])
        self.assertEqual([entry[1] for entry in found], [3])

    def test_reads_a_tree_and_fails_on_it(self):
        with tempfile.TemporaryDirectory() as root:
            self.assertEqual(tidy.main(["tidy.py", root]), 2)
            for path in ("runtime/a.hpp", "build/release/b.hpp", ".git/c.hpp", ".ci/run"):
                full = Path(root, path)
                full.parent.mkdir(parents=True)
                full.write_text("int x;\n", encoding="utf-8")
            self.assertEqual([file.path for file in read_tree(root)], [".ci/run", "runtime/a.hpp"])
            self.assertEqual(tidy.main(["tidy.py", root]), 1)
            Path(root, "runtime/a.hpp").write_text(ONCE, encoding="utf-8")
            self.assertEqual(tidy.main(["tidy.py", root]), 0)


if __name__ == "__main__":
    unittest.main()
