"""The parts of `./dev bench`: servers, workloads, measurements, tables. Standard library only."""
