"""Watching the watcher: after a piece of work the operator is told what needs a look, once, and again when it is over.

Nothing here may fail the work that it tells of: what goes wrong is an error in the log.
"""

from __future__ import annotations

import html
import json
import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from audit import smtp
from audit.errors import AuditError
from audit.ping import ping
from audit.pipeline.standing import standing
from audit.pipeline.troubles import Trouble, gaps
from audit.pipeline.workspace import Workspace
from audit.prometheus import write_textfile

logger = logging.getLogger(__name__)

MEMORY: Final = "watch.json"
"""In the data folder: which troubles the operator was told of, and when."""
REMIND_AFTER: Final = timedelta(days=7)
"""A trouble that stays is told again after this time."""
_PING_AFTER: Final = "daily"
_DONE: Final = (0, 1)


def watch(workspace: Workspace, command: str, status: int, today: date) -> None:
    """Tell how things stand after a command: the textfile, the operators' mail, the ping. Never raises.

    Args:
        workspace: the deployment.
        command: what ended.
        status: with what; negative: a signal ended it.
        today: the running local day.
    """
    wanted = workspace.settings.audit.watch
    if not (wanted.operators or wanted.textfile or wanted.ping_url):
        return
    try:
        told, found = _standing(workspace, command, status, today)
        if wanted.textfile and told is not None:
            write_textfile(Path(wanted.textfile), told, datetime.now(UTC))
        if wanted.operators:
            _mail(workspace, found, datetime.now(UTC))
        if wanted.ping_url and command == _PING_AFTER and status in _DONE:
            secret = wanted.ping_url.resolve("watch.ping_url", "audit.toml")
            if reason := ping(secret, wanted.ping_timeout_s):
                logger.warning("the monitor was not reached: %s", reason)
    except (OSError, AuditError, ValueError) as error:
        logger.error("the operator could not be told: %s", error)  # noqa: TRY400  # the work itself is done


def _standing(
    workspace: Workspace, command: str, status: int, today: date
) -> tuple[dict[str, Any] | None, list[Trouble]]:
    """How things stand, and what to tell; a command that the ledger could not even be told of is told here."""
    found = []
    if status < 0:
        text = f"{command} was ended by a signal ({status})"
        found.append(Trouble(f"killed:{command}", text, f"Lệnh {command} bị ngắt giữa chừng ({status})"))
    try:
        told = standing(workspace, today)
    except AuditError as error:
        found.append(Trouble("ledger", f"the ledger cannot be read: {error}", f"Sổ cái không đọc được: {error}"))
        return None, found
    return told, [*found, *told["found"], *gaps(told)]


def _mail(workspace: Workspace, found: Sequence[Trouble], now: datetime) -> None:
    """Mail what is new, what has stayed for long, and what is over; nothing where nothing has changed."""
    memory = workspace.data / MEMORY
    known = _remembered(memory)
    fresh = [one for one in found if one.kind not in known or now - known[one.kind][0] >= REMIND_AFTER]
    kinds = {one.kind for one in found}
    over = [text for kind, (_, text) in known.items() if kind not in kinds and not kind.startswith("gaps:")]
    if not fresh and not over:
        return
    _send(workspace, found, over)
    told_at = {one.kind: now if one in fresh else known[one.kind][0] for one in found}
    _remember(memory, {one.kind: (told_at[one.kind], one.vietnamese) for one in found})


def _send(workspace: Workspace, found: Iterable[Trouble], over: Sequence[str]) -> None:
    """One mail an operator.

    Raises:
        MailError: it did not go out; the next piece of work tries again.
    """
    settings = workspace.settings
    lines = [one.vietnamese for one in found]
    subject = f"[Kiểm tra văn bản] {settings.province.name}: "
    subject += f"{len(lines)} việc cần xem" if lines else "đã trở lại bình thường"
    parts = [("Cần xem:", lines), ("Đã hết:", list(over))]
    parts = [(title, texts) for title, texts in parts if texts]
    plain = "\n\n".join("\n".join([title, *(f"- {text}." for text in texts)]) for title, texts in parts)
    plain += "\n\nXem chi tiết: audit-run status\n"
    body = "".join(f"<p>{title}</p><ul>{''.join(map(_item, texts))}</ul>" for title, texts in parts)
    bodies = plain, f"<html><body>{body}<p>Xem chi tiết: <code>audit-run status</code></p></body></html>"
    with smtp.connected(settings.audit.mail) as server:
        for address in settings.audit.watch.operators:
            smtp.send(server, smtp.message(settings.audit.mail, ("", address), subject, bodies))


def _item(text: str) -> str:
    return f"<li>{html.escape(text)}.</li>"


def _remembered(memory: Path) -> dict[str, tuple[datetime, str]]:
    """When each trouble was last told, and in which words; empty where nothing can be read."""
    try:
        known = json.loads(memory.read_text(encoding="utf-8"))
        return {str(kind): (datetime.fromisoformat(at), str(text)) for kind, (at, text) in known.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _remember(memory: Path, told: dict[str, tuple[datetime, str]]) -> None:
    beside = memory.with_name(f".{MEMORY}.new")
    plain = {kind: (at.isoformat(), text) for kind, (at, text) in told.items()}
    beside.write_text(json.dumps(plain, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(memory)
