"""The parts of `./dev bench`: servers, workloads, measurements, tables. Standard library only."""

import pathlib
import sys

# Ports are given by the same rule as to the servers of the conformance tests.
sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "conformance"))
