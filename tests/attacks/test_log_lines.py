"""Log lines: no text from outside can fake a line, hide one, or steer the terminal of whoever reads it."""

from __future__ import annotations

import io
import json
import logging
import sys

import pytest

from audit.logging_setup import set_up_logging

FAKE = "2021-02-04T00:00:00Z INFO pull: all is well"
EVIL = [
    f"x{line_break}{FAKE}" for line_break in ("\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029")
] + ["\x1b[2K\x1b[1A" + FAKE, "\x1b]0;title\x07", "\u202e" + FAKE, "\x00" + FAKE, "\x9b2J"]


@pytest.fixture(params=["text", "json"])
def lines(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    set_up_logging(request.param)
    return stream


def log(evil: str) -> None:
    logger = logging.getLogger("audit.pull")
    logger.warning("%s: %s", evil, evil, extra={"agency": evil})
    try:
        raise ValueError(evil)
    except ValueError:
        logger.exception("the pull of %s failed", evil)


def test_the_danger_a_plain_formatter_writes_a_second_line() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.emit(logging.makeLogRecord({"msg": f"x\n{FAKE}"}))
    assert FAKE in stream.getvalue().splitlines()


@pytest.mark.parametrize("evil", EVIL, ids=ascii)
def test_no_text_makes_a_line_or_a_command(lines: io.StringIO, evil: str) -> None:
    log(evil)
    written = lines.getvalue()
    assert (FAKE in written) == (FAKE in evil)
    assert not [line for line in written.splitlines() if line.strip().startswith(FAKE[:20])]
    assert all(sign.isprintable() or sign == "\n" for sign in written)
    starts = [line for line in written.split("\n") if line and not line.startswith("  | ")]
    assert len(starts) == 2, "a line a message; what belongs to a traceback is behind a bar"
    if starts[0].startswith("{"):
        assert json.loads(starts[0])["agency"] == evil
