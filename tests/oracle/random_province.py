"""random_case(rng): a small nasty province, with instants on a coarse grid around the deadlines so that edges are hit."""

import random
from datetime import date, datetime, timedelta
from typing import Any

from . import normalise as n
from .calendar import Calendar
from .case import Case
from .policy import DEFAULTS
from .random_agencies import MONDAYS, TOPICS, load, random_agencies, random_policy, random_signers
from .random_documents import NAMES, Papers
from .random_logs import Logs
from .random_pairs import Journey
from .registry import Registry
from .wire_noise import Noise

HOUR = timedelta(hours=1)


def random_case(rng: random.Random) -> Case:
    """A case that any judge must decide in one way; the same seed gives the same case."""
    first = rng.choice(MONDAYS) + timedelta(days=rng.choice([0, 0, 2]))
    last = first + timedelta(days=rng.choice([6, 9, 13, 13, 27]))
    middle = first + timedelta(days=rng.randint(2, 5))
    agencies, calendar = random_agencies(rng, middle), load("calendar.toml")
    registry = Registry(agencies, DEFAULTS["placeholders"]["values"])
    aliases = {code: list(entry.get("aliases", [])) for code, entry in registry.entries.items()}
    logs = Logs(rng, registry, Calendar(calendar), Noise(rng, aliases), first, last, tidy=rng.random() < 0.4)
    papers = Papers(rng, logs)
    for _ in range(rng.randint(10, 30)):
        _tell_document(rng, logs, papers)
    coverage = logs.coverage()
    start, end, as_of = _question(rng, first, last)
    case = Case(
        agencies=agencies,
        calendar=calendar,
        document_types=load("document_types.toml"),
        policy=random_policy(rng),
        topics=TOPICS,
        signers=random_signers(rng, list(NAMES)),
        logs=logs.pages(),
        coverage=coverage,
        probes=[
            probe for code in registry.entries if rng.random() < 0.7 for probe in random_probes(rng, code, first, last)
        ],
        start=start,
        end=end,
        as_of=as_of,
    )
    case.texts = _texts(rng, case)
    return case


def _texts(rng: random.Random, case: Case) -> dict[str, str | None]:
    """What the text of some of the files lacks: most often nothing."""
    rows = [row for page in case.logs if page["table"] == "documents" for row in page["rows"]]
    hashes = sorted({str(file["sha256"]) for row in rows for file in row.get("files") or () if file.get("sha256")})
    return {sha256: rng.choice(("", "", None, "a", "bđi")) for sha256 in hashes if rng.random() < 0.5}


def _tell_document(rng: random.Random, logs: Logs, papers: Papers) -> None:
    """A register row and its journeys."""
    row, signed_at = papers.document()
    if rng.random() < 0.95:
        logs.emit(row["sender"], "documents", row, signed_at)
        if rng.random() < 0.05:  # corrected in the register the day after
            logs.emit(
                row["sender"],
                "documents",
                {**row, "subject": "Sửa trích yếu", "changed_at": signed_at + 24 * HOUR},
                signed_at + 24 * HOUR,
            )
    recipients = row["recipients"]
    if rng.random() < 0.04:
        row["recipients"] = logs.noise.nothing()
    for recipient in recipients:
        Journey(rng, logs, row, recipient, signed_at).tell()


def _question(rng: random.Random, first: date, last: date) -> tuple[date, date, datetime]:
    """Period and as_of: mostly a week seen at its end, at times seen later, earlier, or from inside a day."""
    start = first + timedelta(days=rng.choice([0, 0, 0, 1, 3]))
    end = min(start + timedelta(days=rng.choice([1, 4, 7, 7, 7, 14])), n.next_day(last))
    seen_on = rng.choice([end, end, end, n.next_day(last), end - timedelta(days=1), end + timedelta(days=2)])
    as_of = n.start_of_day(seen_on) + rng.choice([0, 0, 0, 7]) * HOUR
    return start, end, as_of


def random_probes(rng: random.Random, code: str, first: date, last: date) -> list[dict[str, Any]]:
    """Probes every few minutes of some days, with outages around the limit and with gaps."""
    step = timedelta(minutes=rng.choice([1, 5, 5, 15]))
    probes: list[dict[str, Any]] = []
    certificate = n.start_of_day(last) + timedelta(days=rng.choice([5, 30, 31, 90]))
    tells = rng.random() < 0.8
    for _ in range(rng.randint(1, 3)):
        at = (
            n.start_of_day(first + timedelta(days=rng.randint(0, (last - first).days)))
            + rng.choice([7, 7.5, 11, 13, 16.75, 23]) * HOUR
        )
        outage = rng.choice([(), (), range(3, 4), range(3, 6), range(3, 7), range(2, 40)])
        for i in range(rng.choice([10, 20])):
            probes.append(
                {"agency": code, "at": at, "ok": i not in outage, "certificate_ends_at": certificate if tells else None}
            )
            at += step * rng.choice([1] * 18 + [2, 3])
    return list({probe["at"]: probe for probe in probes}.values())
