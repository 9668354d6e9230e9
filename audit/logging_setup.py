"""Log lines on the standard error, as text for people or as JSON, one object a line, for machines.

Levels, in words: ERROR – a step failed and somebody must act; WARNING – the run goes on but its result has a gap or a
    doubt; INFO – a step began or ended; DEBUG – for developers. No line holds a subject, a person's name or a token.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Final, Literal

LogFormat = Literal["text", "json"]

_OWN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every record has; the rest was passed as `extra` and belongs in the JSON line."""

_LIBRARIES: Final = (
    "urllib3",
    "alembic",
    "sqlalchemy",
    "fontTools",
    "weasyprint",
    "filelock",
    "apscheduler",
    "asyncio",
)


def set_up_logging(log_format: LogFormat, *, quiet: bool = False) -> None:
    """Send all log lines to the standard error; replaces what was set up before.

    Args:
        log_format: `text` or `json`.
        quiet: warnings and errors only.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter() if log_format == "json" else _TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING if quiet else logging.INFO)
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)


class _TextFormatter(logging.Formatter):
    """`2021-02-08T06:30:00Z INFO pull: 34 of 34`; no text in a message can fake a second line or steer a terminal, and
    the lines of a traceback stand behind a bar, so that none looks like a line of the log.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = f"{_instant(record)} {record.levelname} {_short(record.name)}: {_visible(record.getMessage())}"
        trace = self.formatException(record.exc_info).split("\n") if record.exc_info else []
        return "\n".join([line, *(f"  | {_visible(one)}" for one in trace)])


class _JsonFormatter(logging.Formatter):
    """One object a line: at, level, logger, message, what was passed as `extra`, and the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": _instant(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _OWN}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        told = json.dumps(line, ensure_ascii=False, default=str)
        return "".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in told)


def _instant(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _visible(text: str) -> str:
    """The text with its line breaks, escape sequences and marks of direction as they would be written in a program."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


def _short(name: str) -> str:
    return name.removeprefix("audit.")
