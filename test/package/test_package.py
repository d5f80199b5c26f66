"""Makes the Debian packages and installs them with dpkg: usage: test_package.py BUILD.

The installation happens for real, but into a copy: in a mount and network namespace of its own, an
overlay over / takes every change and goes with the namespace. Needs root, or sudo that asks for no
password. Where there is neither, or the kernel refuses the overlay, the content of the packages is
checked and the rest is skipped, with the reason (exit code 77).
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent

# Runs $3… with an overlay over / at $1, and the folder $2 in it as /mnt. (What is mounted below /
# is not part of the overlay.)
ENTER = """
set -e
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
mount --rbind /proc "$1/root/proc"
mount --rbind /dev "$1/root/dev"
mount --bind "$2" "$1/root/mnt"
root=$1/root
shift 2
exec chroot "$root" "$@"
"""

SERVER_FILES = {
    "./usr/bin/troupe", "./usr/lib/libtroupe.so", "./etc/troupe/troupe.yaml",
    "./lib/systemd/system/troupe.service", "./usr/share/troupe/configs/single.yaml",
    "./usr/share/doc/troupe/copyright", "./usr/share/doc/troupe/operations.md",
}
DEVELOPMENT_FILES = {
    "./usr/include/troupe/embed/deployment.hpp", "./usr/include/troupe/sdk/plugin.h",
    "./usr/lib/cmake/Troupe/TroupeConfig.cmake", "./usr/share/troupe/schemas/txn.capnp",
}


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit code {done.returncode}:\n{done.stdout}")
    return done.stdout


def check(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")
    print(f"ok: {what}", flush=True)


def skip(reason):
    print(f"SKIPPED: {reason}", flush=True)
    sys.exit(77)


def make_packages(build, folder):
    """Packs what is built; gives the paths of the two packages."""
    run("cpack", "-G", "DEB", "--config", build / "CPackConfig.cmake", "-B", folder / "work",
        "-D", f"CPACK_OUTPUT_FILE_PREFIX={folder}", cwd=folder)
    found = sorted(folder.glob("*.deb"))
    check([path.name.split("_")[0] for path in found] == ["libtroupe-dev", "troupe"],
          "there is a package of the server and one for building with it")
    return found


def check_content(development, server):
    def files(package):
        lines = run("dpkg-deb", "--contents", package).splitlines()
        return {line.split()[5]: line.split()[:2] for line in lines if line[0] != "d"}
    listed = files(server)
    check(SERVER_FILES <= set(listed), "the server's package has all its files")
    check(not any("/include/" in name or name.endswith(".cmake") for name in listed),
          "and none for building")
    check(DEVELOPMENT_FILES <= set(files(development)), "libtroupe-dev has headers and CMake's")
    check(all(owner == "root/root" for _, owner in listed.values()), "all belong to root")
    depends = run("dpkg-deb", "--field", server, "Depends")
    check("libcaf-core" in depends and "libcapnp" in depends and "libc6" in depends,
          f"dependencies are found out: {depends.strip()[:60]}…")


def as_root():
    """The words before a command that make it root's, or None."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], check=False,
                                               stderr=subprocess.DEVNULL).returncode == 0:
        return ["sudo", "-n"]
    return None


def enter(prefix, folder, *command):
    for name in ("root", "mnt"):
        (folder / name).mkdir(exist_ok=True)
    return [*prefix, "unshare", "--mount", "--net", "sh", "-c", ENTER, "sh",
            str(folder / "root"), str(folder / "mnt"), *command]


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    for tool in ("dpkg-deb", "dpkg-shlibdeps", "file"):
        if not shutil.which(tool):
            skip(f"there is no {tool}; apt-get install dpkg-dev file")
    with tempfile.TemporaryDirectory(prefix="troupe-package-") as name:
        folder = pathlib.Path(name)
        packages = make_packages(build, folder)
        check_content(*packages)
        prefix = as_root()
        if prefix is None:
            skip("installing needs root, or sudo without a password")
        tried = subprocess.run(enter(prefix, folder, "true"), stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, check=False)
        if tried.returncode != 0:
            skip(f"this system allows no overlay over /: {tried.stdout.strip()}")
        for path in (*packages, HERE / "installed_package.py"):
            shutil.copy(path, folder / "mnt")
        shutil.copytree(HERE.parents[1] / "configs" / "embedded", folder / "mnt" / "embedded")
        done = subprocess.run(enter(prefix, folder, "/usr/bin/python3", "-W", "ignore", "-B",
                                    "/mnt/installed_package.py",
                                    *(f"/mnt/{path.name}" for path in packages)), check=False)
        sys.exit(done.returncode)


main()
