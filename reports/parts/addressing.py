"""To whom an agency's notice is addressed, and how it asks: up to the agency above it is a report; its own divisions
are told by the issuing agency itself; who takes no orders from it is asked to work with it.
"""

from dataclasses import dataclass

from reports import text
from reports.inputs import AgencyInfo, Issuer

_BESIDE = frozenset({"mass_organisation", "party", "people_council", "other"})
"""Kinds of the registry that are no part of the administration."""


@dataclass(frozen=True, slots=True)
class Addressing:
    """How the paper for one agency speaks.

    Attributes:
        is_report: it goes up to the agency above.
        paper, sign: `thông báo`, `TB`.
        whom: who is to act, as it stands inside a sentence.
        checked: whose log was looked at, after "của".
        request: `Đề nghị Sở Y tế`.
        closing: the last sentence, with `./.`.
        copy: the line of *Nơi nhận*.
    """

    is_report: bool
    paper: str
    sign: str
    whom: str
    checked: str
    request: str
    closing: str
    copy: str


def addressing(issuer: Issuer, agency: AgencyInfo) -> Addressing:
    """How the issuer speaks to the agency."""
    if _same(agency.name, issuer.superior):
        return Addressing(
            is_report=True,
            paper="báo cáo",
            sign="BC",
            whom=agency.name,
            checked=agency.name,
            request=f"Kính đề nghị {agency.name}",
            closing=f"{issuer.name} kính báo cáo {agency.name} xem xét, chỉ đạo thực hiện./.",
            copy="Như trên",
        )
    is_own = _same(agency.name, issuer.name)
    whom = issuer.own_units if is_own else agency.name
    act, mark = ("phối hợp thực hiện", "p/h") if agency.kind in _BESIDE else ("thực hiện", "t/h")
    return Addressing(
        is_report=False,
        paper="thông báo",
        sign="TB",
        whom=whom,
        checked="cơ quan" if is_own else agency.name,
        request=f"Đề nghị {whom}",
        closing=f"{issuer.name} thông báo để {whom} biết, {act}./.",
        copy=f"{text.sentence(whom)} ({mark})",
    )


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
