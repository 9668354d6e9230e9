"""The oracle obeys the words of rules.md section 1, and its random provinces make every rule breach and pass.

The rules themselves are tried in tests/oracle/test_rules_*.py.
"""

import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from tests.oracle import Case, Judgement, judge
from tests.oracle.member import RULES
from tests.oracle.random_agencies import plain
from tests.oracle.random_province import random_case
from tests.oracle.story import (
    A,
    B,
    C,
    Line,
    agencies,
    case,
    covered,
    document,
    good,
    lost,
    of,
    receipt,
    send,
    status,
    t,
)

SEEDS = 100
RECALL: dict[str, Any] = {"business_type": 1, "axis_doc_id": "r1"}
SENT = [document(), send(), receipt()]
NEVER_ACKNOWLEDGED = [(B, "")]


def found(*lines: Line, code: str = "N2", **options: Any) -> list[tuple[str, str]]:
    """Agency and extra of the rule's findings."""
    return of(judge(case(*lines, **options)), code)


# -- keys -------------------------------------------------------------------------------------------------------------

SPELLINGS: list[dict[str, Any]] = [
    {"number": "0012"},
    {"number": 12},
    {"number": "12/VP-TH", "notation": None},
    {"notation": "vp\u2013th"},
    {"notation": " VP\u00ad TH#000.00.26.G14"},
    {"from_org": "000.00.02.H03", "to_org": "000.00.01.h03"},
    {"to_org": " old-01 "},
]


@pytest.mark.parametrize("spelling", SPELLINGS, ids=str)
def test_a_key_is_the_same_however_it_is_spelt(spelling: dict[str, Any]) -> None:
    assert found(*SENT, *status("03", "02 09:10", **spelling)) == []
    assert found(*SENT, *status("03", "02 09:10", notation="VP-TK")) == NEVER_ACKNOWLEDGED


def test_without_number_the_uid_is_the_key_and_stands_as_number() -> None:
    missing = {"number": "20210302090000"}  # reads as a timestamp
    lines = [document(**missing), send(**missing), receipt(**missing)]
    (finding,) = [one for one in judge(case(*lines)).findings if one["code"] == "N2"]
    assert (finding["number"], finding["notation"], finding["issued_date"]) == ("A-12", "", "")
    assert judge(case(send(**missing, document_uid=None))).rejects == [
        {"agency": A, "day": "2021-03-02", "table": "sends", "line": 0, "reason": "no key"}
    ]


def test_equal_keys_with_other_uid_and_other_subject_are_two_documents() -> None:
    second = {"document_uid": "A-99"}
    lines = [
        *good(),
        document(**second, subject="Khác", on="2021-03-03"),
        send(**second, recipient=C),
        receipt(log=C, recipient=C, **second),
    ]
    findings = {one["code"]: one for one in judge(case(*lines)).findings}
    assert findings["L2"]["number"] == findings["N2"]["number"] == "12#A-99"
    assert found(*good(), document(**second), code="L2") == []  # same subject and file: one document


def test_the_document_of_a_status_is_the_other_sides_where_only_that_is_known() -> None:
    swapped = status("03", "02 09:10", from_org=A, to_org=B)
    assert found(*SENT, *swapped) == []


# -- versions and as_of -----------------------------------------------------------------------------------------------


def test_the_later_log_day_wins_and_changed_at_wins_where_both_have_it() -> None:
    failed, done = send(state="fail", on="2021-03-03"), send(on="2021-03-02")
    newer = send(on="2021-03-02", changed_at=t("02 12:00"))
    older = send(state="fail", on="2021-03-03", changed_at=t("02 11:00"))
    assert found(done, failed, code="G1") == [(A, "")]
    assert found(newer, older, code="G1") == []
    assert found(newer, failed, code="G1") == [(A, "")]  # only one of the two has changed_at


def test_deleted_withdraws_and_a_later_version_comes_back() -> None:
    gone = receipt(on="2021-03-03", deleted=True)
    assert found(receipt(), code="N13") == [(B, "")]
    assert found(receipt(), gone, code="N13") == []
    assert found(receipt(), gone, receipt(on="2021-03-04"), code="N13") == [(B, "")]


def test_as_of_inside_a_day_is_the_end_of_the_day_before() -> None:
    lines = [*SENT, *status("03", "04 10:00")]
    at_end_of_third = case(*lines, seen="2021-03-04")
    at_end_of_third.as_of += timedelta(hours=23)
    assert of(judge(at_end_of_third), "N2") == NEVER_ACKNOWLEDGED
    assert found(*lines, seen="2021-03-05") == []


def test_a_state_of_later_counts_as_processing_and_so_does_none() -> None:
    assert found(send(state="fail", state_at=t("09 09:00")), code="G1") == []
    assert found(send(state=None), code="G1") == []
    assert found(send(state="fail", state_at=None), code="G1") == [(A, "")]


def test_done_without_state_at_was_done_when_it_was_sent() -> None:
    assert found(*SENT[:1], send(state_at=None), send("02 10:00", axis_doc_id="m2"), code="L1") == [
        (A, "2021-03-02T03:00:00Z")
    ]


# -- period -----------------------------------------------------------------------------------------------------------


def test_a_deadline_at_the_seam_of_two_periods_belongs_to_the_first() -> None:
    on_the_second: dict[str, Any] = {"start": date(2021, 3, 2), "seen": "2021-03-09"}
    seam = date(2021, 3, 3)
    assert found(*SENT, **{**on_the_second, "end": seam}) == NEVER_ACKNOWLEDGED
    assert found(*SENT, **{**on_the_second, "start": seam}) == []


def test_an_event_at_the_seam_belongs_to_the_second() -> None:
    failed, seam = send("03 00:00", "fail"), date(2021, 3, 3)
    assert found(failed, code="G1", end=seam) == []
    assert found(failed, code="G1", start=seam) == [(A, "")]


def test_a_deadline_after_as_of_is_not_tested_yet() -> None:
    outcome = judge(case(*SENT, seen="2021-03-02")).outcomes["N2", B]
    assert outcome == (0, 0, 0, 0, "NOT_TESTED")


# -- statuses and recalls ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "events"), [(119, 1), (120, 2)])
def test_the_same_code_within_two_minutes_is_one_event(seconds: int, events: int) -> None:
    again = f"02 12:{seconds // 60:02}:{seconds % 60:02}"
    outcome = judge(case(*SENT, *status("03", "02 12:00", [A]), *status("03", again, [B]))).outcomes["N11", B]
    assert outcome[0] == events


def test_an_answer_to_a_recall_is_no_acknowledgement_unless_the_document_had_none() -> None:
    recall = [send("04 08:00", **RECALL), receipt("04 08:01", **RECALL)]
    assert found(*SENT, *recall, *status("03", "04 09:00", axis_doc_id="r1")) == NEVER_ACKNOWLEDGED
    assert found(*SENT, *recall, *status("03", "04 09:00")) == []  # id-less, and none before: both
    assert found(*SENT, *recall, *status("03", "04 09:00"), code="R1") == []


def test_a_refused_recall_takes_nothing_back() -> None:
    lines = [*SENT, *status("03", "02 10:00"), send("02 11:00", **RECALL), receipt("02 11:01", **RECALL)]
    assert found(*lines, *status("15", "02 12:00"), code="N4") == []
    assert found(*lines, *status("16", "02 12:00"), code="N4") == [(B, "")]


def test_a_13_is_answered_by_its_id_only_after_it_arrived() -> None:
    request = status("13", "03 08:00", from_org=A, to_org=B, axis_doc_id="m1")
    before, after = status("03", "02 10:00", axis_doc_id="m1"), status("03", "03 10:00", axis_doc_id="m1")
    assert found(*SENT, *before, *request, code="R1") == [(B, "2021-03-03T01:00:00Z")]
    assert found(*SENT, *before, *request, *after, code="R1") == []


# -- arrival ----------------------------------------------------------------------------------------------------------


def test_a_done_send_is_an_arrival_unless_the_full_log_of_the_recipient_knows_nothing() -> None:
    assert found(document(), send(), code="G2") == [(A, "")]
    assert found(document(), send(), code="G2", coverage=lost(B, "2021-03-03", "statuses")) == []
    assert (
        found(document(), send(), *status("13", "02 12:00", [B], from_org=A, to_org=B), code="G2") == []
    )  # it knows the pair


def test_a_failed_receipt_is_n1_and_no_arrival() -> None:
    lines = [document(), send(), receipt(state="fail")]
    assert found(*lines, code="N1") == [(B, "")]
    assert found(*lines, code="G2") == found(*lines, code="N2") == []


# -- coverage ---------------------------------------------------------------------------------------------------------


def test_what_did_not_happen_is_a_breach_only_where_every_day_is_there() -> None:
    outcome = judge(case(*SENT, coverage=lost(B, "2021-03-02", "statuses"))).outcomes["N2", B]
    assert outcome == (0, 0, 0, 1, "NOT_TESTED")
    assert judge(case(*SENT, coverage=[])).outcomes["N2", B][3] == 1  # no entry: missing
    assert judge(case(*SENT, coverage=lost(B, "2021-03-03", "statuses"))).outcomes["N2", B][:2] == (1, 1)  # not needed


def test_one_day_more_where_only_the_sender_tells() -> None:
    lines = [document(), send(), *status("15", "02 12:00", [B])]  # its log knows the pair, and tells no arrival
    assert found(*lines) == NEVER_ACKNOWLEDGED
    assert judge(case(*lines, coverage=lost(B, "2021-03-03", "receipts"))).outcomes["N2", B][3] == 1


def test_late_is_a_statement_that_it_was_not_earlier() -> None:
    lines = [*SENT, *status("03", "04 10:00")]
    outcomes = judge(case(*lines, coverage=lost(B, "2021-03-02", "statuses"))).outcomes
    assert (outcomes["N3", B][:4], outcomes["N2", B][:4]) == ((0, 0, 0, 1), (1, 0, 0, 0))


# -- scope and flags --------------------------------------------------------------------------------------------------


def test_the_successor_is_blamed_from_the_day_after_and_its_log_is_needed() -> None:
    heir = plain("H03.04", "department", [], valid_from=date(2021, 3, 3))
    listed = agencies(B={"valid_to": date(2021, 3, 2), "successor": "H03.04"}, D=heir)
    assert found(*SENT, agencies=listed) == NEVER_ACKNOWLEDGED  # 24:00 of 2 March belongs to 2 March
    late = [document(), send("02 18:00"), receipt("02 18:00")]
    assert found(*late, agencies=listed) == [("H03.04", "")]
    outcome = judge(case(*late, agencies=listed, coverage=lost("H03.04", "2021-03-03", "statuses"))).outcomes[
        "N2", "H03.04"
    ]
    assert outcome[3] == 1


def test_blame_falls_on_an_agency_in_scope_or_on_nobody() -> None:
    assert found(*SENT, agencies=agencies(B={"valid_to": date(2021, 3, 1)})) == []
    assert found(document(recipients=["H55"]), send(recipient="H55"), receipt(recipient="H55")) == []


def test_the_log_of_another_agency_speaks_for_it() -> None:
    shared = agencies(B={"log_of": C})
    lines = [document(), send(), receipt(log=C), *status("03", "02 10:00", [A])]
    assert (
        found(*lines[:3], agencies=shared, coverage=[one for one in covered() if one["agency"] != B])
        == NEVER_ACKNOWLEDGED
    )
    assert found(*lines, agencies=shared) == []


@pytest.mark.parametrize("flag", [{"pulled": False}, {"tables": ["documents", "sends", "statuses"]}], ids=str)
def test_rules_that_need_what_is_not_told_are_not_tested(flag: dict[str, Any]) -> None:
    lines = [document(), send(), *status("03", "02 10:00", [A])]
    assert judge(case(*lines, agencies=agencies(B=flag))).outcomes["N2", B] == (0, 0, 0, 0, "NOT_TESTED")


def test_every_rule_and_every_agency_in_scope_has_an_outcome() -> None:
    outcomes = judge(case()).outcomes
    assert set(outcomes) == {(code, agency) for code in RULES for agency in (A, B, C)}
    assert {outcome[4] for (code, _), outcome in outcomes.items() if code != "H2"} == {
        "NOT_TESTED"
    }  # no data is not compliance


# -- findings ---------------------------------------------------------------------------------------------------------


def test_a_priority_topic_raises_the_severity_one_step_and_marks_the_finding() -> None:
    topics = [{"id": "covid-19", "patterns": ["covid", "sarscov2"], "valid_from": date(2021, 3, 2)}]
    lines = [document(subject="V/v phòng dịch SARS – CoV–2"), send(state="fail")]
    (finding,) = [one for one in judge(case(*lines, topics=topics)).findings if one["code"] == "G1"]
    assert (finding["severity"], finding["topic"]) == ("critical", "covid-19")
    (before,) = [
        one
        for one in judge(case(*lines, topics=[{**topics[0], "valid_from": date(2021, 3, 3)}])).findings
        if one["code"] == "G1"
    ]
    assert (before["severity"], before["topic"]) == ("high", None)


def test_the_finding_id_is_the_hash_that_the_rules_prescribe() -> None:
    (finding,) = [one for one in judge(case(document(), send(state="fail"))).findings if one["code"] == "G1"]
    # printf 'failed_send|H03.01|H03.01|2021-03-02|12|vp-th|H03.02|' | sha256sum | cut -c 1-16
    assert finding["finding_id"] == "1bdb301919c70d19"


# -- random provinces -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def judged() -> list[tuple[Case, Judgement]]:
    """Random provinces with their judgements."""
    cases = [random_case(random.Random(seed)) for seed in range(SEEDS)]
    return [(one, judge(one)) for one in cases]


def test_every_rule_breaches_and_passes_often(judged: list[tuple[Case, Judgement]]) -> None:
    words: Counter[tuple[str, str]] = Counter()
    for _, judgement in judged:
        words.update((code, outcome[4]) for (code, _), outcome in judgement.outcomes.items())
    assert {code: words[code, word] for code in RULES for word in ("PASS", "FAIL") if words[code, word] < 5} == {}


def test_every_extra_of_every_rule_is_met(judged: list[tuple[Case, Judgement]]) -> None:
    met = {(one["code"], one["extra"]) for _, judgement in judged for one in judgement.findings}
    wanted = {
        "N9": ("refused", "malformed", "unknown"),
        "N10": ("before_03", "after_02", "before_send"),
        "N11": ("missing", "99"),
        "T2": ("syntax", "kind"),
        "T3": ("future", "antedated", "postdated"),
        "T4": ("", "jump"),
        "Q1": ("KT", "deputy", "TL", "TUQ"),
        "K2": ("person", "agency"),
        "D1": ("no_file", "empty", "count", "hash"),
    }
    assert {(code, extra) for code, extras in wanted.items() for extra in extras} - met == set()


def test_the_order_of_logs_does_not_matter(judged: list[tuple[Case, Judgement]]) -> None:
    for one, judgement in judged[:20]:
        one.logs.sort(key=lambda log: (log["agency"], log["table"], log["day"]), reverse=True)
        again = judge(one)
        assert (again.findings, again.outcomes) == (judgement.findings, judgement.outcomes)


ADDITIVE = set(RULES) - {"N5", "N6", "T4", "H1", "H3"}


def test_consecutive_periods_add_up(judged: list[tuple[Case, Judgement]]) -> None:
    for one, whole in judged[:60]:
        if (one.end - one.start).days < 2:
            continue
        middle, sums = one.start + timedelta(days=1), Counter[tuple[str, str, int]]()
        for start, end in ((one.start, middle), (middle, one.end)):
            half = judge(Case(**{**vars(one), "start": start, "end": end}))
            sums.update(counts(half))
        assert +sums == +counts(whole)


def counts(judgement: Judgement) -> Counter[tuple[str, str, int]]:
    """Tested, breaches and not decided of the rules whose periods add up."""
    return Counter(
        {(*key, i): outcome[i] for key, outcome in judgement.outcomes.items() if key[0] in ADDITIVE for i in (0, 1, 3)}
    )


def test_the_same_seed_gives_the_same_case() -> None:
    assert random_case(random.Random(7)) == random_case(random.Random(7))
