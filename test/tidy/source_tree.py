"""Reads the files of a source tree once, for the rules of the house."""

import os
import re
from pathlib import Path

TEXT_SUFFIXES = {
    ".cpp", ".hpp", ".h", ".py", ".sh", ".cmake", ".txt", ".md", ".yaml", ".yml", ".capnp",
    ".in", ".json", ".java", ".c",
}
TEXT_NAMES = {"dev", "run", ".clang-format", ".clang-tidy", ".gitignore"}
SKIPPED_FOLDERS = {"build", "data", "__pycache__"}
KEPT_DOT_FOLDERS = {".ci"}

# One alternative per kind of thing that is not code; strings keep their quotes.
NOT_CODE = re.compile(
    r"""//[^\n]* | /\*.*?\*/
      | R"(?P<tag>[^(\s]{0,16})\(.*?\)(?P=tag)"
      | "(?:\\.|[^"\\\n])*"
      | '(?:\\.|[^'\\\n])+'(?!\w)""",
    re.DOTALL | re.VERBOSE,
)


class SourceFile:
    """One text file: its path below the root, its lines, and for C++ its lines of bare code."""

    def __init__(self, path, text):
        self.path = path
        self.parts = tuple(path.split("/"))
        self.suffix = Path(path).suffix
        self.is_cpp = self.suffix in {".cpp", ".hpp", ".h"}
        self.is_test = self.parts[0] == "test"
        self.text = text
        self.lines = text.splitlines()
        self._code = None

    @property
    def code(self):
        """The lines with comments and the insides of literals blanked (C++ only)."""
        if self._code is None:
            blanked = NOT_CODE.sub(blank, self.text) if self.is_cpp else self.text
            self._code = blanked.splitlines()
        return self._code

    def includes(self):
        """Yields (line number, name) of every #include, quoted or in angle brackets."""
        for number, line in enumerate(self.lines, 1):
            match = re.match(r'\s*#\s*include\s*["<]([^">]+)[">]', line)
            if match:
                yield number, match.group(1)


def blank(match):
    """Keeps the lines of what is cut out, so that line numbers stay true."""
    literal = not match.group(0).startswith("/")
    return ('""' if literal else " ") + "\n" * match.group(0).count("\n")


def read_tree(root):
    """Returns all text files below root, in a fixed order."""
    files = []
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(
            name for name in subfolders
            if name not in SKIPPED_FOLDERS
            and (not name.startswith(".") or name in KEPT_DOT_FOLDERS)
        )
        for name in sorted(names):
            if Path(name).suffix in TEXT_SUFFIXES or name in TEXT_NAMES:
                full = Path(folder, name)
                text = full.read_text(encoding="utf-8", errors="replace")
                files.append(SourceFile(full.relative_to(root).as_posix(), text))
    return files
