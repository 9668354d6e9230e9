"""Documents known from messages alone: members of T, Q, K, D and M that lack every fact."""

from collections.abc import Iterator

from .build import World
from .member import Member, blamed_for_event
from .rules_signatures import TIMESTAMP_LAW_ENDS

OF_DOCUMENTS = (
    "T1",
    "T2",
    "T3",
    "T5",
    "Q1",
    "Q2",
    "Q3",
    "Q4",
    "K1",
    "K2",
    "K3",
    "K4",
    "K5",
    "K6",
    "K7",
    "D1",
    "D2",
    "M1",
)
BY_SIGNATURE = ("K1", "K2", "K3", "K4", "K5", "K6", "K7", "D2", "Q3")


def unregistered(world: World, code: str) -> Iterator[Member]:
    """ "member = document; anchor = its first send"; "members that lack a fact … are in `not_decided`" (READING 71)."""
    if code not in OF_DOCUMENTS:
        return
    for document in world.documents:
        anchor = document.first_sent_at
        if document.row is not None or anchor is None or not world.happened_in_period(anchor):
            continue
        agency = blamed_for_event(world, document.sender, anchor)
        if agency is None or not world.registry.keeps(agency, "documents"):
            continue
        if code in BY_SIGNATURE and not world.registry.flag(agency, "reports_signatures"):
            continue
        if code in {"T2", "T5"} and world.registry.kind(document.sender) in world.policy["exempt"]["kinds"]:
            continue
        if code == "Q4" and not world.registry.notations(document.sender):
            continue
        if code == "Q2" and not _has_register(world, document.sender):
            continue
        if code == "K7" and anchor >= TIMESTAMP_LAW_ENDS and not _after_law(world):
            continue
        yield Member(agency, decided=False)


def _has_register(world: World, sender: str) -> bool:
    return any(world.registry.canonical(entry["agency"]) == sender for entry in world.case.signers or [])


def _after_law(world: World) -> bool:
    return bool(world.policy["rules"].get("missing_timestamp", {}).get("after_law"))
