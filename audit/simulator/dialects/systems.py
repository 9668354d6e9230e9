"""The systems of a province's agencies, each in its dialect: what answers over the web, and how it is reached."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from audit.simulator.dialects.assignment import Dialect
from audit.simulator.dialects.axis_service import LgspService, VxpService
from audit.simulator.dialects.contents import Contents
from audit.simulator.dialects.dropped import drop_messages, drop_registers
from audit.simulator.dialects.letters import HABITS, Habit
from audit.simulator.dialects.mailbox import Mailbox
from audit.simulator.province import Province
from audit.simulator.web import Service, nothing_there


class Systems:
    """What the agencies of a province run.

    Args:
        province: Whose past they hold. The hashes of its files are changed (`Contents`).
        folder: Where agencies drop files, a folder each.
        dialects: What each agency speaks; who is not there speaks the plain interface.
        contents: The files' bytes, where other systems of the same province carry them already.
    """

    def __init__(
        self, province: Province, folder: Path, dialects: Mapping[str, Dialect], contents: Contents | None = None
    ) -> None:
        self._province, self._folder, self._dialects = province, folder, dialects
        self.contents: Final = contents or Contents(province)

    def service(self, agency: str, secret: str) -> Service | None:
        """What answers the agency's requests, its files dropped; None: the plain interface does."""
        spoken = self._dialects.get(agency, "log_api")
        if spoken == "log_api":
            return None
        if spoken == "vxp":
            return VxpService(self._province, self._mailbox(agency), agency, secret)
        if spoken == "lgsp":
            return LgspService(self._province, self._mailbox(agency), agency, secret)
        if spoken == "edxml":
            drop_messages(self._province, self._mailbox(agency, names_recipient=True), agency, self._folder / agency)
        else:
            drop_registers(self._province, agency, self._folder / agency)
        return nothing_there

    def source(self, agency: str, url: str) -> dict[str, Any] | None:
        """The agency's source for ``agencies.toml``, but for secrets; None: the plain interface's."""
        spoken = self._dialects.get(agency, "log_api")
        if spoken == "log_api":
            return None
        found: dict[str, Any] = {"kind": spoken, "health_url": f"{url}/v1/health"}
        if spoken in ("vxp", "lgsp"):
            found |= {"base_url": url, "system_id": agency}
            return found | ({"username": agency} if spoken == "lgsp" else {})
        return found | {"path": f"{(self._folder / agency).resolve()}/{{day}}"}

    def _mailbox(self, agency: str, *, names_recipient: bool = False) -> Mailbox:
        return Mailbox(self._province, self.contents, agency, self.habit(agency), names_recipient=names_recipient)

    def habit(self, agency: str) -> Habit:
        """How an agency's system writes messages."""
        return HABITS[list(self._province.offices).index(agency) % len(HABITS)]
