"""A province on loopback that speaks the real dialect and knows the breaches it planted.

``simulate(SimulationOptions(...))`` makes it; ``Province.rows`` are its logs, ``Province.truth_for`` what an audit must
find; ``serve(province)`` opens one HTTP server an agency and writes a folder for ``run_audit.py --config``.

Of the audit, only settings, registry, working time and errors are imported: the truth is known because it was planted,
never because a rule was run.
"""

from __future__ import annotations

from audit.simulator.options import SimulationOptions, bench_options
from audit.simulator.province import TABLES, Failure, Province, Table
from audit.simulator.serving import Served, serve
from audit.simulator.simulation import simulate
from audit.simulator.truth import Truth

__all__ = [
    "TABLES",
    "Failure",
    "Province",
    "Served",
    "SimulationOptions",
    "Table",
    "Truth",
    "bench_options",
    "serve",
    "simulate",
]
