"""Citations for narrow columns: places of one instrument together, instruments by kind, number and year, with a key
to their full names.

`điểm d khoản 2 Điều 4 Nghị định số 30/2020/NĐ-CP` and `khoản 4 Điều 14 Nghị định số 30/2020/NĐ-CP` become
`điểm d khoản 2 Điều 4, khoản 4 Điều 14 NĐ 30/2020`. What is not a numbered instrument (laws, policy) stays as it is.
"""

import re
from collections.abc import Iterable

from reports import text

POLICY = "Chính sách"
_SHORT = {"Nghị định": "NĐ", "Quyết định": "QĐ", "Thông tư": "TT", "Công văn": "CV"}
_ANNEX = ("Phụ lục", "PL")
_INSTRUMENT = re.compile(rf"(?P<kind>{'|'.join(_SHORT)}) số (?P<number>\d+)(?:/(?P<year>\d{{4}}))?/\S+$")


def is_policy(citation: str) -> bool:
    """Whether it is the province's own policy, which is printed as such and never as law."""
    return citation.startswith(POLICY)


def abridged(citations: Iterable[str]) -> str:
    """The legal citations in short form, in their order, as a cell begins; policies are left out."""
    places: dict[str, list[str]] = {}
    for citation in citations:
        if is_policy(citation):
            continue
        found = _INSTRUMENT.search(citation)
        name = _short(found) if found else citation
        places.setdefault(name, [])
        if found and (place := citation[: found.start()].strip()):
            places[name].append(place.replace(*_ANNEX))
    return text.sentence("; ".join(f"{', '.join(where)} {name}".strip() for name, where in places.items()))


def for_clerks(citations: Iterable[str]) -> str:
    """The legal citations in short form; a policy is named as such, and told in full where there is nothing else."""
    given = list(citations)
    legal = abridged(given)
    if not legal:
        return "; ".join(given)
    return f"{legal}; chính sách của tỉnh" if any(is_policy(each) for each in given) else legal


def key(citations: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """(short, full name) of every numbered instrument, and of an annex, in the order of first mention."""
    names: dict[str, str] = {}
    for citation in citations:
        if _ANNEX[0] in citation:
            names.setdefault(_ANNEX[1], _ANNEX[0])
        if found := _INSTRUMENT.search(citation):
            names.setdefault(_short(found), found.group())
    return tuple(names.items())


def _short(found: re.Match[str]) -> str:
    year = f"/{found['year']}" if found["year"] else ""
    return f"{_SHORT[found['kind']]} {found['number']}{year}"
