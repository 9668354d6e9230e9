"""Explanations as text for people, at most 100 columns wide, or as JSON for programs."""

from __future__ import annotations

import contextlib
import json
import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from audit.explain.step import AgencyName, Explanation, Plain, RawLine, Rest, Step, Value, Word, step
from audit.explain.wording import Wording
from reports import text

COLUMNS: Final = 100
_INDENT: Final = "   "


def as_text(explanations: Sequence[Explanation], wording: Wording) -> str:
    """The explanations one after the other, sections numbered."""
    blocks = ["\n".join(_block(explanation, wording)) for explanation in explanations]
    return f"\n\n{'=' * COLUMNS}\n".join(blocks)


def as_json(explanations: Sequence[Explanation], wording: Wording) -> str:
    """A list of objects: rule, code, finding_id, outcome, sections with their steps (key, text, values), evidence."""
    return json.dumps([_object(one, wording) for one in explanations], ensure_ascii=False, indent=2)


def _block(explanation: Explanation, wording: Wording) -> Iterator[str]:
    heading = "finding" if explanation.finding_id else "no_finding"
    yield wording.sentence(step(f"headings.{heading}", finding_id=explanation.finding_id))
    yield ""
    number = 0
    for section in explanation.sections:
        number += 1
        yield from _heading(number, section.name, wording)
        for place, told in enumerate(section.steps, start=1):
            mark = f"({place}) " if section.name == "working" else "- "
            yield from _wrapped(wording.sentence(told), mark)
    yield from _heading(number + 1, "evidence", wording)
    if not explanation.lines:
        yield from _wrapped(wording.sentence(step("evidence.none")), "- ")
    for place, line in enumerate(explanation.lines, start=1):
        yield from _line(place, line, wording)


def _heading(number: int, name: str, wording: Wording) -> Iterator[str]:
    if number > 1:
        yield ""
    yield f"{number}. {wording.heading(name).upper()}"


def _line(place: int, line: RawLine, wording: Wording) -> Iterator[str]:
    yield from _wrapped(wording.sentence(_place(line)), f"[{place}] ")
    yield from _wrapped(wording.sentence(_proof(line)), "    ")
    if line.row is not None:
        yield from _wrapped(_readable(line.row), "    ")


def _place(line: RawLine) -> Step:
    table = Word("tables", line.table)
    return step("evidence.line", table=table, day=line.log_day, agency=line.agency, page=line.page, line=str(line.line))


def _proof(line: RawLine) -> Step:
    if line.trouble:
        return step(line.trouble)
    return step("evidence.verified", fetched_at=line.fetched_at, url=line.url)


def _readable(row: str) -> str:
    """The row as it was received, less escapes that people cannot read and characters that could steer a terminal."""
    with contextlib.suppress(ValueError):
        row = json.dumps(json.loads(row), ensure_ascii=False)
    return text.clean(row)


def _wrapped(sentence: str, mark: str) -> Iterator[str]:
    yield from textwrap.wrap(
        sentence,
        COLUMNS,
        initial_indent=_INDENT + mark,
        subsequent_indent=_INDENT + " " * len(mark),
        break_on_hyphens=False,
    )


def _object(explanation: Explanation, wording: Wording) -> dict[str, Any]:
    return {
        "finding_id": explanation.finding_id,
        "rule": explanation.rule,
        "code": explanation.code,
        "outcome": explanation.outcome,
        "sections": [
            {
                "id": section.name,
                "title": wording.heading(section.name),
                "steps": [
                    {"key": one.key, "text": wording.sentence(one), "values": _values(one)} for one in section.steps
                ],
            }
            for section in explanation.sections
        ],
        "evidence": [
            {
                "table": line.table,
                "agency": line.agency.code,
                "log_day": line.log_day.isoformat(),
                "page": line.page,
                "line": line.line,
                "url": line.url,
                "fetched_at": line.fetched_at and _json(line.fetched_at),
                "verified": not line.trouble,
                "text": wording.sentence(_proof(line)),
                "row": line.row,
            }
            for line in explanation.lines
        ],
    }


def _values(one: Step) -> dict[str, Any]:
    return {name: _json(value) for name, value in one.values.items()}


def _json(value: Value) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return _plain(value)


def _plain(value: Plain) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return value.isoformat()
        case AgencyName():
            return value.code
        case Word():
            return value.code
        case Rest():
            return {"first": value.first.isoformat(), "last": value.last.isoformat(), "holiday": value.holiday}
        case _:
            return value
