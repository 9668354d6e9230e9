"""``python -m audit.simulator [--folder DIR]``: serves the demonstration's province until interrupted.

Writes the configuration to the folder, so that ``run_audit.py --config DIR`` can be tried by hand, and prints where.
"""

from __future__ import annotations

import argparse
import json
import threading
from datetime import date, timedelta
from pathlib import Path

from audit.simulator.options import SimulationOptions, bench_options
from audit.simulator.serving import serve
from audit.simulator.simulation import simulate


def main() -> None:
    """Reads the arguments, makes the province and serves it."""
    parser = argparse.ArgumentParser(
        prog="python -m audit.simulator", description="Serve a simulated province on loopback."
    )
    parser.add_argument(
        "--folder", type=Path, default=None, help="where the configuration is written (default: temporary)"
    )
    parser.add_argument(
        "--start", type=date.fromisoformat, default=SimulationOptions().start, help="first day of the week"
    )
    parser.add_argument("--seed", type=int, default=SimulationOptions().seed)
    parser.add_argument("--agencies", type=int, default=SimulationOptions().agencies)
    parser.add_argument("--documents", type=int, default=SimulationOptions().documents_per_day, help="documents a day")
    parser.add_argument(
        "--bench", action="store_true", help="150 agencies, 5 000 documents and 100 000 pairs on one day"
    )
    text = "also serve the day after the week, as it looks at this hour (for run_audit.py alert)"
    parser.add_argument("--running-hour", type=int, default=None, metavar="H", help=text)
    asked = parser.parse_args()
    options = SimulationOptions(
        seed=asked.seed,
        start=asked.start,
        end=asked.start + timedelta(days=7),
        agencies=asked.agencies,
        documents_per_day=asked.documents,
        running_hour=asked.running_hour,
    )
    province = simulate(bench_options(asked.start, asked.seed) if asked.bench else options)
    with serve(province, asked.folder, prepare=True) as served:
        probes = None if served.probes is None else str(served.probes)
        print(
            json.dumps({"config": str(served.config), "agencies": len(served.base_urls), "probes": probes}), flush=True
        )
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("stopped")


if __name__ == "__main__":
    main()
