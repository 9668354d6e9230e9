"""H: log services that fail, systems that are not there, certificates that run out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from audit.simulator.clock import DAY, HOUR, MINUTE, TimeWriter, end_of, utc_text
from audit.simulator.province import Failure, Province
from audit.simulator.truth import Truth
from audit.simulator.workshop import Workshop
from audit.working_time import date_of, day_number

DOWN = "H03.18"
LOOPING = "H03.14"
HOST = "127.0.0.1"
_OPENS, _CLOSES = 7 * HOUR, 18 * HOUR
_CERTIFICATE_DAYS = 30
Run = tuple[int, int]
"""Failed probes: from the first failed instant until before the second instant."""


def break_logs(province: Province, workshop: Workshop) -> None:
    """H2: one agency's service is down for a day of the period, another's pages go in circles for a table and day."""
    options = province.options
    days = _working_days(province, workshop)
    last = date_of(days[-1]) if days else options.end - timedelta(days=1)
    middle = date_of(days[len(days) // 2]) if days else last
    known = [code for code in province.offices if code not in province.unpulled]
    down = DOWN if DOWN in known else known[-1]
    looping = (
        LOOPING if LOOPING in known and down != LOOPING else next(code for code in reversed(known) if code != down)
    )
    if options.outage:
        province.failures.append(Failure(down, middle, "down"))
    if options.partial:
        province.failures.append(Failure(looping, last, "loop", ("receipts",)))
    for failure in province.failures:
        day = day_number(failure.day)
        extra = failure.day.isoformat()
        workshop.truth.append(
            Truth("missing_log", failure.agency, extra=extra, anchor=day * DAY, visible_from=end_of(day))
        )
    workshop.unsafe = {failure.agency for failure in province.failures} | set(province.unpulled)


def probe(province: Province, workshop: Workshop) -> None:
    """H1, H3: probes every few minutes of office hours; some find nobody, some a certificate that soon ends.

    Only the lead-in and the period are probed, and only agencies with a log service.
    """
    options, rng = province.options, workshop.rng
    step = options.probe_minutes * MINUTE
    if not step:
        return
    known = [code for code in province.offices if code not in province.unpulled]
    runs = _outages(province, workshop, known, step) if options.plant else {}
    end = day_number(options.end)
    days = range(day_number(options.full_from), end)
    short = {code: end * DAY + offset * DAY for code, offset in zip(rng.sample(known, 2), (12, 31), strict=True)}
    write = TimeWriter("offset")
    for code in known:
        ends = short.get(code, (end + 400) * DAY) if options.plant else (end + 400) * DAY
        for day in days:
            for at in range(day * DAY + _OPENS, day * DAY + _CLOSES, step):
                failed = any(first <= at < until for first, until in runs.get(code, ()))
                province.probes.append(_row(code, write(at), failed, rng.randint(12, 180), write(ends)))
    if options.plant:
        for (code, ends), planted in zip(short.items(), (workshop.truth, workshop.near_misses), strict=True):
            last = (end - 1) * DAY + _OPENS + (_CLOSES - _OPENS - 1) // step * step
            visible_from = ends - _CERTIFICATE_DAYS * DAY
            planted.append(_certificate(code, last, visible_from, days[0] * DAY + _OPENS))


def _row(agency: str, at: str | None, failed: bool, latency: int, ends: str | None) -> dict[str, Any]:
    return {
        "agency": agency,
        "at": at,
        "ok": not failed,
        "latency_ms": None if failed else latency,
        "http_status": None if failed else 200,
        "error": "connection refused" if failed else None,
        "certificate_ends_at": None if failed else ends,
    }


def _certificate(agency: str, last_probe: int, visible_from: int, first_probe: int) -> Truth:
    return Truth(
        "expiring_certificate",
        agency,
        extra=HOST,
        severity="low",
        anchor=last_probe,
        anchored="standing",
        visible_from=visible_from,
        opened_at=first_probe,
    )


def _outages(province: Province, workshop: Workshop, known: list[str], step: int) -> dict[str, list[Run]]:
    """Two outages, a short one, and one over noon that hardly costs working time; at different agencies."""
    days = _working_days(province, workshop)
    if not days or len(known) < 4 or step > 10 * MINUTE:
        return {}
    rng = workshop.rng
    chosen = rng.sample(known, 4)
    day = [rng.choice(days) for _ in chosen]
    starts = [day[0] * DAY + 8 * HOUR + 3 * step, day[1] * DAY + 14 * HOUR]
    runs: dict[str, list[Run]] = {}
    for code, start, minutes in zip(chosen[:2], starts, (rng.randint(40, 90), 20), strict=True):
        runs[code] = [(start, start + minutes * MINUTE)]
        workshop.truth.append(_outage(code, start))
    spared = [(day[2] * DAY + 9 * HOUR, step), (workshop.clock.noon(day[3]) - 10 * MINUTE, 100 * MINUTE)]
    for code, (start, lasting) in zip(chosen[2:], spared, strict=True):
        runs[code] = [(start, start + lasting)]
        workshop.near_misses.append(_outage(code, start))
    return runs


def _outage(agency: str, start: int) -> Truth:
    return Truth("system_outage", agency, extra=utc_text(start), severity="high", anchor=start)


def _working_days(province: Province, workshop: Workshop) -> list[int]:
    """The working days of the period."""
    options = province.options
    return [day for day in range(day_number(options.start), day_number(options.end)) if workshop.clock.is_working(day)]
