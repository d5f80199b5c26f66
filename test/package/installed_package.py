"""Inside the copy of the system that test_package.py makes: installs, runs and removes the packages.

usage: installed_package.py LIBTROUPE-DEV.deb TROUPE.deb; configs/embedded is beside this file.
"""

import os
import pathlib
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys

from kazoo.client import KazooClient
from kazoo.exceptions import NoNodeError

CONFIG = pathlib.Path("/etc/troupe/troupe.yaml")
DATA = pathlib.Path("/var/lib/troupe")
UNIT = pathlib.Path("/lib/systemd/system/troupe.service")


def run(*command, expect=0):
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


def state_of(package):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", package],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          check=False)
    return done.stdout or "not-installed"


class Service:
    """The program as the unit starts it: its command and user, and a socket for its readiness."""

    def __init__(self):
        lines = dict(line.split("=", 1) for line in UNIT.read_text().splitlines()
                     if "=" in line and not line.startswith("#"))
        account = pwd.getpwnam(lines["User"])
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listener.bind("\0troupe-package-test")
        listener.settimeout(60)
        self._process = subprocess.Popen(
            lines["ExecStart"].split(), cwd=lines["WorkingDirectory"], user=account.pw_uid,
            group=account.pw_gid, extra_groups=[], umask=int(lines["UMask"], 8),
            env={"NOTIFY_SOCKET": "@troupe-package-test", "PATH": "/usr/bin:/bin"})
        check(listener.recv(100) == b"READY=1", "the installed server says that it is ready")
        listener.close()

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(60)


def client():
    opened = KazooClient("127.0.0.1:2181")
    opened.start(timeout=20)
    return opened


def try_server():
    service = Service()
    one = client()
    try:
        one.set("/kept", one.get("/kept")[0] + b"+")
    except NoNodeError:
        one.create("/kept", b"1")
    value = one.get("/kept")[0]
    one.stop()
    one.close()
    check(service.stop() == 0, f"it serves a client (/kept is {value.decode()}) and stops in order")
    return value


def install(development, server):
    run("dpkg", "--install", server)
    check(state_of("troupe") == "installed", "dpkg installs the server")
    run("dpkg", "--install", development)
    check(state_of("libtroupe-dev") == "installed", "and libtroupe-dev")
    account = pwd.getpwnam("troupe")
    check(account.pw_uid < 1000 and account.pw_shell == "/usr/sbin/nologin",
          "there is a system user troupe, who cannot log in")
    facts = DATA.stat()
    check(facts.st_uid == account.pw_uid and stat.S_IMODE(facts.st_mode) == 0o750,
          "the data directory is the user's")
    listed = run("dpkg-query", "-W", "-f", "${Conffiles}", "troupe").split()
    check(listed[0] == str(CONFIG), "the configuration is a conffile")
    run("troupe", "check", CONFIG)
    check("127.0.0.1:2181" in CONFIG.read_text(), "it passes its checks, and is for loopback")
    if shutil.which("systemd-analyze"):
        said = run("systemd-analyze", "verify", "--man=no", UNIT)
        check("troupe.service" not in said, "systemd-analyze finds nothing wrong with the unit")


def build_with_it():
    work = pathlib.Path("/tmp/troupe-package-build")
    shutil.copytree(pathlib.Path(__file__).parent / "embedded", work)
    run("cmake", "-G", "Ninja", "-S", work, "-B", work / "build")
    run("cmake", "--build", work / "build", "--target", "smallest")
    os.chdir(work)
    out = run(work / "build" / "smallest", work / "crew.yaml")
    check("hello, version 0" in out, f"an application builds with the packages, and says {out!r}")


def upgrade(server):
    CONFIG.write_text(CONFIG.read_text() + "# mine\n")
    run("dpkg", "--install", server)
    check(CONFIG.read_text().endswith("# mine\n"), "installing again keeps an edited configuration")


def remove():
    run("dpkg", "--remove", "libtroupe-dev", "troupe")
    check(not shutil.which("troupe") and not UNIT.exists(), "removing takes program and service")
    check(CONFIG.exists() and any(DATA.iterdir()), "and leaves configuration and data")
    said = run("dpkg", "--purge", "troupe")
    check(state_of("troupe") == "not-installed" and not CONFIG.exists(),
          "purging takes the configuration")
    check(any(DATA.iterdir()) and str(DATA) in said, "and leaves the data, and says so")


def main():
    development, server = map(pathlib.Path, sys.argv[1:])
    run("ip", "link", "set", "lo", "up")
    # What the developer's system may have of an earlier installation is not in the way.
    run("dpkg", "--purge", "libtroupe-dev", "troupe")
    shutil.rmtree(DATA, ignore_errors=True)
    install(development, server)
    check(try_server() == b"1", "with nothing before")
    upgrade(server)
    check(try_server() == b"1+", "the data is there after a restart")
    build_with_it()
    remove()
    run("dpkg", "--install", server)
    check(try_server() == b"1++", "and is there after the next installation")


main()
