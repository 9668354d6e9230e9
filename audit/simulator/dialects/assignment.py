"""Who speaks which dialect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from audit.simulator.province import Province

Dialect: TypeAlias = Literal["log_api", "vxp", "lgsp", "edxml", "register_file"]
ORDER: Final[tuple[Dialect, ...]] = ("vxp", "edxml", "log_api", "lgsp", "register_file")


def assigned(province: Province) -> Mapping[str, Dialect]:
    """The dialect of every agency that is pulled: one after the other, in the order of the registry.

    Whose log is to fail on purpose speaks the plain interface: the failures are described in its terms.
    """
    failing = {failure.agency for failure in province.failures}
    pulled = [code for code in province.offices if code not in province.unpulled]
    return {code: "log_api" if code in failing else ORDER[place % len(ORDER)] for place, code in enumerate(pulled)}
