#!/usr/bin/python3
"""All four-letter words, read as the monitors in the field read them."""

import re
import socket
from datetime import datetime

from support import servers, wire
from support.case import ServerCase, main
from support.servers import four_letter

WORDS = ("conf", "cons", "crst", "dirs", "dump", "envi", "gtmk", "hash", "isro", "mntr", "ruok",
         "srst", "srvr", "stat", "wchc", "wchp", "wchs")

# telegraf refuses the whole answer when one line does not match.
TELEGRAF = re.compile(r"^zk_(\w+)\s+([\w\.\-]+)")
# go-zookeeper's FLWSrvr: one pattern over the whole answer.
GO_SRVR = re.compile(
    r"Zookeeper version: (?P<version>[A-Za-z0-9-.]+), built on (?P<built>.*)\n"
    r"Latency min/avg/max: (?P<min>\d+)/(?P<avg>[0-9.]+)/(?P<max>\d+)\n"
    r"Received: (?P<received>\d+)\nSent: (?P<sent>\d+)\nConnections: (?P<connections>\d+)\n"
    r"Outstanding: (?P<outstanding>\d+)\nZxid: (?P<zxid>0x[0-9a-f]+)\nMode: (?P<mode>\w+)\n"
    r"Node count: (?P<nodes>\d+)\n?")
# go-zookeeper's FLWCons: every line has all fields.
GO_CONS = re.compile(
    r" /(?P<ip>[\d.]+):(?P<port>\d+)\[(?P<ops>\d+)\]\(queued=(?P<queued>\d+),recved=(?P<recved>\d+)"
    r",sent=(?P<sent>\d+),sid=(?P<sid>0x[0-9a-f]+),lop=(?P<lop>\w+),est=(?P<est>\d+)"
    r",to=(?P<to>\d+),lcxid=(?P<lcxid>0x[0-9a-f]+),lzxid=(?P<lzxid>0x[0-9a-f]+)"
    r",lresp=(?P<lresp>\d+),llat=(?P<llat>\d+),minlat=(?P<minlat>\d+),avglat=(?P<avglat>\d+)"
    r",maxlat=(?P<maxlat>\d+)\)")
# zktop's session lines and check_zookeeper.py's patterns for stat.
ZKTOP_SESSION = re.compile(r"\s*/(\d+\.\d+\.\d+\.\d+):(\d+)\[(\d+)\]\((.*)\)")
ZKTOP_VERSION = re.compile(r".*: (\d+\.\d+\.\d+)-.*")
KAZOO_VERSION = re.compile(r"zookeeper\.version=(\d+\.\d+\.\d+)")
CHECK_ZOOKEEPER = {
    "latency": re.compile(r"Latency min/avg/max: (\d+)/(\d+)/(\d+)"),
    "received": re.compile(r"Received: (\d+)"),
    "sent": re.compile(r"Sent: (\d+)"),
    "outstanding": re.compile(r"Outstanding: (\d+)"),
    "mode": re.compile(r"Mode: (.*)"),
    "nodes": re.compile(r"Node count: (\d+)"),
}
# metricbeat wants the build date in this form.
BUILT = re.compile(r"built on (\d\d/\d\d/\d\d\d\d \d\d:\d\d) [A-Z]{3,4}$", re.MULTILINE)

MNTR_34 = ["version", "avg_latency", "max_latency", "min_latency", "packets_received",
           "packets_sent", "num_alive_connections", "outstanding_requests", "server_state",
           "znode_count", "watch_count", "ephemerals_count", "approximate_data_size",
           "open_file_descriptor_count", "max_file_descriptor_count"]


class FourLetterWords(ServerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Debian's build of ZooKeeper has no version hash and another date: strict only for ours.
        cls.ours = cls.server.kind != "zookeeper"

    def ask(self, word, **kwargs):
        return four_letter(self.address, word, **kwargs)

    def test_all_words_in_every_way_tools_send_them(self):
        for word in WORDS:
            for tail in (b"", b"\n", b"\r\n"):
                for half_close in (False, True):
                    with self.subTest(word=word, tail=tail, half_close=half_close):
                        text = self.ask(word, tail=tail, half_close=half_close)
                        self.assertNotIn("not executed", text)
                        if word not in ("hash",):
                            self.assertTrue(text)

    def test_stmk_takes_eight_more_bytes(self):
        with socket.create_connection(self.address, timeout=10) as link:
            link.sendall(b"stmk" + (306).to_bytes(8, "big"))
            self.assertEqual(int(link.recv(100)), 306)

    def test_answer_arrives_whole_at_one_receive(self):
        """Several tools call recv once: the answer is written in one piece."""
        for word in ("ruok", "srvr", "isro", "envi"):
            with socket.create_connection(self.address, timeout=10) as link:
                link.sendall(word.encode())
                first = link.recv(8192)
                rest = b""
                while part := link.recv(8192):
                    rest += part
                if self.ours:
                    self.assertEqual(rest, b"", word)
                self.assertTrue(first)

    def test_word_in_pieces(self):
        with socket.create_connection(self.address, timeout=10) as link:
            for byte in b"ruok":
                link.sendall(bytes([byte]))
            self.assertEqual(link.recv(10), b"imok")

    def test_ruok_and_isro_are_exact(self):
        self.assertEqual(self.ask("ruok"), "imok")
        self.assertEqual(self.ask("isro"), "rw")

    def test_srvr(self):
        session = self.wire()
        session.ok(wire.create("/srvr", b""))
        text = self.ask("srvr")
        if self.ours:
            match = GO_SRVR.match(text)
            self.assertIsNotNone(match, text)
            self.assertEqual((match["mode"], match["zxid"]),
                             ("standalone", f"{session.last_zxid:#x}"))
            self.assertEqual(match.end(), len(text))
            datetime.strptime(BUILT.search(text)[1], "%m/%d/%Y %H:%M")
            self.assertRegex(text, r"Latency min/avg/max: \d+/\d+/\d+\n")
        for line in ("Mode: standalone", "Connections: ", "Node count: "):
            self.assertIn(line, text)
        self.assertEqual(re.findall(r"^Mode: (.*)$", text, re.MULTILINE), ["standalone"])
        session.close()

    def test_counts_move(self):
        session = self.wire()
        before = {k: int(v) for k, v in re.findall(r"(Received|Sent): (\d+)", self.ask("srvr"))}
        for _ in range(10):
            session.call(wire.exists("/"))
        after = {k: int(v) for k, v in re.findall(r"(Received|Sent): (\d+)", self.ask("srvr"))}
        self.assertGreaterEqual(after["Received"] - before["Received"], 10)
        self.assertGreaterEqual(after["Sent"] - before["Sent"], 10)
        nodes = int(re.search(r"Node count: (\d+)", self.ask("srvr"))[1])
        session.ok(wire.create("/counts", b""))
        self.assertEqual(int(re.search(r"Node count: (\d+)", self.ask("srvr"))[1]), nodes + 1)
        session.ok(wire.delete("/counts"))

    def test_stat_as_zktop_and_check_zookeeper_read_it(self):
        session = self.wire()
        session.call(wire.exists("/"))
        text = self.ask("stat", tail=b"\n", half_close=True)
        head, _, tail = text.partition("\n\n")
        lines = head.splitlines()
        self.assertRegex(lines[0], ZKTOP_VERSION)
        self.assertEqual(lines[1], "Clients:")
        found = [ZKTOP_SESSION.fullmatch(line) for line in lines[2:]]
        self.assertTrue(all(found), head)
        self.assertGreaterEqual(len(found), 2)
        for match in found:
            self.assertTrue(all("=" in pair for pair in match[4].split(",")))
        for line in tail.splitlines():
            self.assertEqual(len(line.split(":")), 2, line)
        if self.ours:
            for name, pattern in CHECK_ZOOKEEPER.items():
                self.assertIsNotNone(pattern.search(text[:2048]), f"{name} in {text}")

    def test_cons_as_go_reads_it(self):
        session = self.wire(timeout_ms=12345)
        session.ok(wire.create("/cons", b""))
        mine = [line for line in self.ask("cons").splitlines()
                if f"sid={session.session_id:#x}," in line]
        self.assertEqual(len(mine), 1)
        match = GO_CONS.fullmatch(mine[0])
        self.assertIsNotNone(match, mine[0])
        self.assertEqual((match["to"], match["lop"], match["lcxid"], match["ip"]),
                         ("12345", "CREA", "0x1", "127.0.0.1"))
        self.assertEqual(int(match["lzxid"], 16), session.last_zxid)
        self.assertGreater(int(match["est"]), 1_500_000_000_000)
        session.call(wire.get_data("/cons"))
        mine = [line for line in self.ask("cons").splitlines()
                if f"sid={session.session_id:#x}," in line]
        self.assertIn("lop=GETD", mine[0])
        session.ok(wire.delete("/cons"))

    def test_mntr_as_telegraf_reads_it(self):
        session = self.wire()
        session.ok(wire.create("/mntr", b"12345", flags=1))
        session.ok(wire.get_data("/mntr", watch=True))
        values = {}
        order = []
        for line in self.ask("mntr", tail=b"\n").splitlines():
            match = TELEGRAF.match(line)
            if self.ours:
                self.assertIsNotNone(match, line)
                self.assertEqual(line.count("\t"), 1, line)
            if match:
                values[match[1]] = match[2]
                order.append(match[1])
        for key in MNTR_34:
            if key != "version" or self.ours:
                self.assertIn(key, values)
        self.assertEqual(values["server_state"], "standalone")
        self.assertEqual((values["ephemerals_count"], values["watch_count"]), ("1", "1"))
        self.assertGreaterEqual(int(values["num_alive_connections"]), 1)
        self.assertGreaterEqual(int(values["approximate_data_size"]), 44)
        for key in ("znode_count", "packets_received", "packets_sent", "max_latency",
                    "min_latency", "outstanding_requests", "open_file_descriptor_count",
                    "max_file_descriptor_count"):
            self.assertRegex(values[key], r"^\d+$", key)
        if self.ours:
            self.assertEqual(order[:len(MNTR_34)], MNTR_34)
            self.assertRegex(values["avg_latency"], r"^\d+$")
        session.ok(wire.delete("/mntr"))

    def test_conf(self):
        values = dict(line.split("=", 1) for line in self.ask("conf").splitlines() if "=" in line)
        self.assertEqual(values["clientPort"], str(self.server.port))
        self.assertEqual((values["minSessionTimeout"], values["maxSessionTimeout"]),
                         (str(servers.MIN_TIMEOUT_MS), str(servers.MAX_TIMEOUT_MS)))
        for key in ("dataDir", "tickTime", "maxClientCnxns", "serverId"):
            self.assertIn(key, values)

    def test_envi(self):
        text = self.ask("envi")
        self.assertTrue(text.startswith("Environment:\n"))
        self.assertRegex(text, KAZOO_VERSION)
        for key in ("host.name", "os.name", "os.arch", "os.version", "user.name", "user.dir"):
            self.assertRegex(text, rf"(?m)^{key}=.+$")

    def test_dump(self):
        session = self.wire()
        session.ok(wire.create("/dump", b"", flags=1))
        session.ok(wire.create("/dump2", b"", flags=1))
        text = self.ask("dump")
        self.assertRegex(text, r"SessionTracker dump:\nSession Sets \(\d+\)/\(\d+\):\n")
        self.assertRegex(text, r"(?m)^\d+ expire at .+:$")
        self.assertIn(f"\t{session.session_id:#x}\n", text)
        self.assertRegex(text, r"ephemeral nodes dump:\nSessions with Ephemerals \(\d+\):\n")
        block = text[text.index("ephemeral nodes dump"):]
        match = re.search(rf"^{session.session_id:#x}:\n((?:\t/.*\n)+)", block, re.MULTILINE)
        self.assertIsNotNone(match, text)
        self.assertEqual(sorted(match[1].split()), ["/dump", "/dump2"])
        self.assertRegex(text, r"Connections dump:\nConnections Sets \(\d+\)/\(\d+\):\n")
        self.assertRegex(text, rf"\tip: /127\.0\.0\.1:\d+ sessionId: {session.session_id:#x}\n")
        session.ok(wire.delete("/dump"))

    def test_watch_words(self):
        one, two = self.wire(), self.wire()
        one.ok(wire.create("/wch", b""))
        one.call(wire.exists("/wch", watch=True))
        one.call(wire.exists("/wch/none", watch=True))
        two.call(wire.get_data("/wch", watch=True))
        two.call(wire.get_children("/wch", watch=True))  # child watches are not listed
        self.assertEqual(self.ask("wchs").splitlines(),
                         ["2 connections watching 2 paths", "Total watches:3"])
        by_session = self.ask("wchc")
        match = re.search(rf"^{one.session_id:#x}\n((?:\t.*\n)+)", by_session, re.MULTILINE)
        self.assertEqual(sorted(match[1].split()), ["/wch", "/wch/none"])
        by_path = self.ask("wchp")
        match = re.search(r"^/wch\n((?:\t.*\n)+)", by_path, re.MULTILINE)
        self.assertEqual(sorted(match[1].split()),
                         sorted(f"{s.session_id:#x}" for s in (one, two)))
        one.ok(wire.delete("/wch"))

    def test_resets(self):
        session = self.wire()
        for _ in range(20):
            session.call(wire.exists("/"))
        self.assertEqual(self.ask("srst"), "Server stats reset.\n")
        self.assertLess(int(re.search(r"Received: (\d+)", self.ask("srvr"))[1]), 20)
        self.assertEqual(self.ask("crst"), "Connection stats reset.\n")
        mine = [line for line in self.ask("cons").splitlines()
                if f"sid={session.session_id:#x}," in line]
        self.assertIn("recved=0", mine[0])

    def test_dirs_gtmk_hash(self):
        self.assertRegex(self.ask("dirs"), r"^datadir_size: \d+\nlogdir_size: \d+\n$")
        self.assertRegex(self.ask("gtmk"), r"^\d+\n?$")
        for line in self.ask("hash").splitlines():
            self.assertRegex(line, r"^[0-9a-f]+: \S+$")

    def test_words_do_not_disturb_sessions(self):
        session = self.wire()
        for word in WORDS:
            self.ask(word)
            self.assertEqual(session.call(wire.exists("/")).err, 0)


class Whitelist(ServerCase):
    """Words that are not in the list are refused with a sentence that says so."""

    server_options = {"options": {"clients.four_letter_words": "srvr"},
                      "properties": {"zookeeper.4lw.commands.whitelist": "srvr"}}

    def test_refusal(self):
        self.assertIn("Mode: ", four_letter(self.address, "srvr"))
        for word in ("mntr", "cons", "stat", "wchc"):
            self.assertEqual(four_letter(self.address, word),
                             f"{word} is not executed because it is not in the whitelist.\n")


if __name__ == "__main__":
    main()
