"""Load, histories and faults for ensembles of real processes."""

import pathlib
import sys

# Servers, ensembles and the wire client are those of the conformance tests.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "conformance"))
