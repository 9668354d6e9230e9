"""Files with two signatures and their time stamps, verified by two children at once, as at night.

Every file is another one, of 30 persons and 10 agencies; making them is not measured. Target: 40 a second on two cores.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Final

from audit.signatures import Trust, Verifier
from audit.simulator import SimulationOptions, simulate
from bench.measure import report, timed

CHILDREN: Final = 2


def files(count: int) -> tuple[Trust, list[bytes]]:
    """So many files of a province without faults, and what its agencies' certificates are measured by."""
    options = SimulationOptions(
        agencies=12,
        documents_per_day=90,
        history_weeks=0,
        lead_in_days=0,
        probe_minutes=0,
        plant=False,
        file_agencies=12,
    )
    found: list[bytes] = []
    while True:
        province = simulate(options)
        papers = [content for held in province.papers.values() for content in held.values()]
        found += [content for content in papers if content.count(b"/ByteRange") == 2]
        names = frozenset(agency.name.casefold() for agency in province.agencies)
        certificates = tuple(content for name, content in province.trust.items() if name.endswith(".crt"))
        lists = tuple(content for name, content in province.trust.items() if name.endswith(".crl"))
        if len(found) >= count:
            return Trust(certificates, lists, names), found[:count]
        options = replace(options, end=options.end + timedelta(days=7))
        found = []


def verified(trust: Trust, papers: list[bytes]) -> int:
    """How many of them pass in every respect."""
    with Verifier(trust) as verifier:
        facts = [verifier.verify(content) for content in papers]
    return sum(
        one.is_read
        and all(signature.intact and signature.valid and signature.chain == "trusted" for signature in one.signatures)
        and one.wording is not None
        and not one.wording.missing
        for one in facts
    )


def main() -> None:
    """Print what it took, with the files a second and a second of processor time."""
    trust, papers = files(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
    shares = [papers[place::CHILDREN] for place in range(CHILDREN)]
    with timed() as taken, ThreadPoolExecutor(CHILDREN) as pool:
        passed = sum(pool.map(lambda share: verified(trust, share), shares))
    if passed != len(papers):
        raise SystemExit(f"{len(papers) - passed} files do not pass, and all should")
    report(
        taken,
        files=len(papers),
        files_per_second=round(len(papers) / taken.seconds, 1),
        files_per_processor_second=round(len(papers) / taken.processor_seconds, 1),
    )


if __name__ == "__main__":
    main()
