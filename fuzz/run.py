"""Fuzzes one target, or all in turn, each in a process of its own: ``python -m fuzz.run TARGET --runs 100000``.

No input may crash, take two seconds or hold 200 MiB more than the program at rest; the input that does is left beside
the corpus, in ``out/fuzz/TARGET/``.

A target's inputs come in pieces, each in a process of its own that goes on with the same corpus: atheris keeps what it
saw compared, some kilobytes an input, which would be taken for the parser's (the same inputs read again without it hold
nothing more).
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path("out") / "fuzz"
SECONDS_MAX = 2
GROWTH_MIB = 200
PIECE_RUNS = 25_000


def main() -> int:
    """All targets, or the one that is named; how many failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("target", nargs="?")
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument(
        "--seconds", type=int, default=0, help="end each target after so long; 0: when its runs are done"
    )
    parser.add_argument("--piece", type=int, default=0, help="number of the piece that this process is, from 1")
    given = parser.parse_args()
    if given.piece:
        return fuzz(given.target, given.runs, given.seconds, given.piece)
    from fuzz.targets import TARGETS  # noqa: PLC0415

    wanted = list(TARGETS) if given.target is None else [given.target]
    failed = [name for name in wanted if not passes(name, given.runs, given.seconds)]
    print("failed: " + (", ".join(failed) or "none"))
    return len(failed)


def passes(name: str, runs: int, seconds: int) -> bool:
    """Whether a target stands all its inputs, piece by piece; with `seconds`, for so long."""
    begun = time.monotonic()
    for piece, done in enumerate(range(0, runs, PIECE_RUNS), start=1):
        left = seconds - round(time.monotonic() - begun)
        if seconds and left < 1:
            break
        words = ["--runs", str(min(PIECE_RUNS, runs - done)), "--seconds", str(max(left, 0)), "--piece", str(piece)]
        if subprocess.run([sys.executable, "-m", "fuzz.run", name, *words], check=False).returncode:  # noqa: S603
            return False
    return True


def fuzz(name: str, runs: int, seconds: int, piece: int) -> int:
    """One piece of a target's inputs to its end; does not return where an input fails."""
    import atheris  # noqa: PLC0415  # in the tools' environment only

    with atheris.instrument_imports(include=_modules(name), enable_loader_override=False):
        from fuzz.targets import TARGETS  # noqa: PLC0415

    target = TARGETS[name]
    corpus = FOLDER / name / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
        target.run(seed)
    rest_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    begun, counted = time.process_time(), [0]

    def one(body: bytes) -> None:
        counted[0] += 1
        before = time.process_time()
        target.run(body)
        if time.process_time() - before > SECONDS_MAX:
            raise AssertionError("it took too long")
        if counted[0] % 500 == 0:
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024 - rest_mib
            if grown > GROWTH_MIB:
                raise AssertionError(f"it holds {grown} MiB more")
        if counted[0] in {runs, 1000, 10_000}:
            told = f"{counted[0]} inputs, {time.process_time() - begun:.0f} s of CPU"
            print(f"{name}, piece {piece}: {told}", flush=True)

    options = [f"-runs={runs}", f"-max_len={target.length_max}", "-verbosity=0", "-timeout=30", "-rss_limit_mb=0"]
    options.append(f"-seed={piece}")
    options.append(f"-artifact_prefix={FOLDER / name}/")
    if seconds:
        options.append(f"-max_total_time={seconds}")
    atheris.Setup([sys.argv[0], *options, str(corpus)], one)
    atheris.Fuzz()
    return 0


def _modules(name: str) -> list[str]:
    """Whose branches guide the search; told here, too, since the targets are imported only then."""
    common = ["audit.conform", "audit.columns", "audit.records", "audit.instants", "audit.normalise"]
    known = {
        "workbook": ["openpyxl.reader", "openpyxl.cell", "audit.sources", "audit.archive"],
        "returned": ["reports.xlsx_notes", "audit.archive"],
        "signatures": ["audit.signatures", "pyhanko.pdf_utils"],
        **{key: ["audit.settings"] for key in ("rules", "agencies", "waivers")},
    }
    return known.get(name, [*common, "audit.sources", "audit.edxml", "audit.axis", "audit.archive"])


if __name__ == "__main__":
    sys.exit(main())
