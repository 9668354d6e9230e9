"""The dialects that the simulated agencies' systems speak, beside the plain log interface (``wire.md`` 1 to 3).

Each is served from the same past as the plain logs: `assigned` says who speaks what, `plain.py` says which part of the
plain log a dialect can tell at all (`audit.settings.tells`), so that both can be compared.
"""

from __future__ import annotations

from audit.simulator.dialects.assignment import ORDER, Dialect, assigned
from audit.simulator.dialects.contents import Contents

__all__ = ["ORDER", "Contents", "Dialect", "assigned"]
