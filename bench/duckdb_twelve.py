"""The twelve rules in DuckDB: `python -m bench.duckdb_twelve SCALE THREADS` prints a line of JSON."""

from __future__ import annotations

import sys
from pathlib import Path
from string import Template
from typing import Final

import duckdb

from bench.measure import report, timed
from bench.twelve import Task, task_of
from bench.world import SCALES

PROGRAM: Final = Path(__file__).with_name("twelve.sql")


def count(task: Task, threads: int) -> dict[str, int]:
    """Findings by rule code."""
    with duckdb.connect(config={"threads": threads}) as connection:
        for name, frame in (("calendar", task.calendar), ("coverage", task.coverage), ("kinds", task.kinds)):
            connection.register(name, frame)
        for table, files in task.files.items():
            connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{files}')")  # noqa: S608  # own names
        program = Template(PROGRAM.read_text(encoding="utf-8"))
        numbers = {"start": task.start, "end": task.end, "end_day": task.end_day}
        connection.execute(program.substitute({name: str(number) for name, number in numbers.items()}))
        return dict(connection.execute("SELECT code, findings FROM found").fetchall())


def main() -> None:
    """Count, and tell how long it took."""
    task = task_of(SCALES[sys.argv[1]])
    with timed() as taken:
        counts = count(task, int(sys.argv[2]))
    report(taken, counts=counts)


if __name__ == "__main__":
    main()
