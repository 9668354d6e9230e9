"""N9 misrouted: cases."""

import pytest

from tests.rules.harness import Case, Judged, judge_case, send, status

FINE = Judged((), {"H03.02": (1, 0, 0)})


def breach(recipient: str, extra: str) -> Judged:
    return Judged((("H03.02", "12/SNV-VP", recipient, extra),), {"H03.02": (1, 1, 0)})


def refused(why: str, at: str = "2021-02-03 08:00") -> list[object]:
    return [send(), status("02", at, description=why)]


CASES = [
    (Case("refused as sent to the wrong place", refused("Văn bản gửi nhầm cơ quan")), breach("H03.03", "refused")),
    (Case("in capitals", refused("KHÔNG THUỘC THẨM QUYỀN giải quyết")), breach("H03.03", "refused")),
    (Case("with odd blanks", refused("Văn bản gửi\u00a0\n nhầm cơ quan")), breach("H03.03", "refused")),
    (Case("a pattern is an expression", refused("Nhầm  sang Sở khác"), policy={"misrouted": {"patterns": ["nhầm sang (sở|ban)"]}}), breach("H03.03", "refused")),
    (Case("refused for another reason", refused("Thiếu phụ lục")), FINE),
    (Case("malformed code", [send(recipient="SO-Y-TE")]), breach("SO-Y-TE", "malformed")),
    (Case("unknown under the province", [send(recipient="H03.99")]), breach("H03.99", "unknown")),
    (Case("a unit of a known agency", [send(recipient="H03.16.05")]), FINE),
    (Case("a ministry that the registry does not know", [send(recipient="G22")]), FINE),
    (Case("an old code of a known agency", [send(recipient="000.00.16.H03")]), FINE),
    (Case("the refusal is later than the period", refused("Gửi nhầm", "2021-02-08 08:00"), as_of="2021-02-10"), Judged((), {})),
    (Case("the refusal is later than as_of", refused("Gửi nhầm", "2021-02-08 08:00")), FINE),
    (Case("ended without a successor", [send(recipient="H03.16")], agencies={"H03.16": {"valid_to": "2021-02-01"}}), breach("H03.16", "unknown")),
    (Case("ends that day", [send(recipient="H03.16")], agencies={"H03.16": {"valid_to": "2021-02-02"}}), FINE),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "misrouted") == expected
