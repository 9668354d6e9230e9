"""From verdicts to findings: id, key, severity and topic, delay, citations, evidence, order."""

from __future__ import annotations

import hashlib
import random
from typing import Any

import pandas as pd
import pytest

from audit.facts import Facts, Frames
from audit.findings import COLUMNS, finding_id, in_order
from audit.findings.evidence import ROWS_MAX
from audit.findings.topics import fold
from audit.log_table import LogTable
from audit.part import judge_part
from audit.rules import CATALOGUE, RULES
from audit.settings import Topic
from audit.working_time import date_of
from tests.rules.harness import RECIPIENT, SENDER, Case, Row, document, facts_of, receipt, send, status

LOST = {"state": "processing", "state_at": None}
PROBES = [{"at": f"2021-02-03 08:{minute:02d}", "ok": not 5 <= minute <= 30} for minute in range(0, 60, 5)]


def found(
    *rows: Row, rule: str | None = None, topics: list[dict[str, Any]] | None = None, **options: Any
) -> pd.DataFrame:
    """The findings of a case, of one rule or of all."""
    facts = facts_of(Case("", rows, **options))
    if topics is not None:
        told = tuple(Topic.model_validate(topic) for topic in topics)
        facts.settings = facts.settings.model_copy(update={"topics": told})
    findings = judge_part(facts).findings
    return findings if rule is None else findings[findings["rule"] == rule].reset_index(drop=True)


def one(*rows: Row, rule: str, **options: Any) -> dict[str, Any]:
    """The only finding of a rule."""
    (row,) = found(*rows, rule=rule, **options).to_dict("records")
    return row


def digest(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


# -- key and id -------------------------------------------------------------------------------------------------------


def test_a_finding_says_what_and_whom():
    row = one(document(), send(**LOST), rule="undelivered")
    assert {name: row[name] for name in ("code", "severity", "agency", "counterpart", "sender", "number", "notation")} == {
        "code": "G2", "severity": "high", "agency": SENDER, "counterpart": RECIPIENT, "sender": SENDER, "number": "12", "notation": "SNV-VP",
    }  # fmt: skip
    assert (row["issued_date"], row["recipient"], row["subject"]) == (
        "2021-02-02",
        RECIPIENT,
        "V/v báo cáo công tác tháng 01",
    )
    assert (row["topic"], row["urgency"], row["extra"], row["detail"]) == (None, "thuong", "", {})
    assert row["anchored_at"] == row["deadline_at"] == pd.Timestamp("2021-02-02 14:00", tz="Asia/Ho_Chi_Minh")
    assert row["observed_at"] is pd.NaT


def test_the_columns_are_those_of_the_contract():
    assert tuple(found(document(), send(**LOST)).columns) == COLUMNS
    assert tuple(found().columns) == COLUMNS


def test_the_id_is_the_digest_of_the_key():
    row = one(document(), send(**LOST), rule="undelivered")
    assert row["finding_id"] == digest("undelivered", SENDER, SENDER, "2021-02-02", "12", "snv-vp", RECIPIENT, "")


def test_of_a_day_only_what_applies():
    row = one(rule="missing_log", gaps=["H03.02 2021-02-03"])
    assert row["finding_id"] == digest("missing_log", SENDER, "", "", "", "", "", "2021-02-03")
    assert [
        row[name]
        for name in (
            "counterpart",
            "sender",
            "number",
            "notation",
            "issued_date",
            "recipient",
            "subject",
            "topic",
            "urgency",
        )
    ] == [None] * 9


def test_of_a_recall_the_instant():
    rows = [
        send(axis_doc_id="a"),
        receipt(axis_doc_id="a"),
        send(axis_doc_id="r", business_type=1, sent_at="2021-02-03 08:00:30", **LOST),
    ]
    row = one(document(), *rows, rule="undelivered")
    assert row["extra"] == "2021-02-03T01:00:30Z"
    assert row["finding_id"] == digest(
        "undelivered", SENDER, SENDER, "2021-02-02", "12", "snv-vp", RECIPIENT, "2021-02-03T01:00:30Z"
    )


def test_without_a_number_the_uid_stands_for_it():
    key = {"number": None, "document_uid": "u-1"}
    row = one(document(**key), send(**key, **LOST), rule="undelivered")
    assert (row["number"], row["notation"], row["issued_date"]) == ("u-1", None, None)
    assert row["finding_id"] == digest("undelivered", SENDER, SENDER, "", "u-1", "", RECIPIENT, "")


def test_the_second_of_two_documents_of_one_key():
    first = document(document_uid="a", subject="V/v thứ nhất")
    second = document(document_uid="b", subject="V/v thứ hai", day="2021-02-03")
    row = one(first, second, send(document_uid="b", **LOST), rule="undelivered")
    assert (row["number"], row["subject"]) == ("12#b", "V/v thứ hai")
    assert row["finding_id"] == digest("undelivered", SENDER, SENDER, "2021-02-02", "12#b", "snv-vp", RECIPIENT, "")


def test_of_a_series_the_missing_number():
    rows = [document(number=number, notation="QĐ-SNV", doc_type="Quyết định") for number in ("7", "9")]
    row = one(*rows, rule="number_gap", agencies={"H03.02": {"register_whole": True}})
    assert (row["sender"], row["number"], row["notation"], row["issued_date"]) == (SENDER, "8", "QĐ", "2021")
    assert row["finding_id"] == digest("number_gap", SENDER, SENDER, "2021", "8", "qđ", "", "")


def test_two_members_may_share_a_finding():
    codes = [status("77", f"2021-02-02 {hour}:00") for hour in (11, 14)]
    rows = [document(), send(), receipt(), *codes]
    row = one(*rows, rule="unknown_status")
    assert (row["extra"], row["anchored_at"]) == ("77", pd.Timestamp("2021-02-02 11:00", tz="Asia/Ho_Chi_Minh"))
    tally = judge_part(facts_of(Case("", rows))).tally.set_index("rule").loc["unknown_status"]
    assert (tally["tested"], tally["breaches"], tally["findings"]) == (2, 2, 1)


def test_an_id_of_nothing_but_a_rule():
    assert finding_id("system_outage", None, None, None, None, None, None, None) == digest("system_outage", *[""] * 7)


# -- severity and topic -----------------------------------------------------------------------------------------------

COVID = [
    {
        "id": "covid-19",
        "name": "COVID",
        "patterns": ["covid", "sarscov2"],
        "valid_from": "2020-01-23",
        "valid_to": "2021-12-31",
    }
]
BOTH = [{"id": "lũ", "name": "Lũ", "patterns": ["bão.*lũ"]} | {"id": "lu"}, *COVID]


@pytest.mark.parametrize(
    ("subject", "topics", "expected"),
    [
        ("V/v phòng, chống dịch COVID-19", COVID, ("critical", "covid-19")),
        ("V/v dịch C O V I D 19", COVID, ("critical", "covid-19")),
        ("V/v xét nghiệm SARS\u2013CoV\u00a0- 2", COVID, ("critical", "covid-19")),
        ("V/v họp", COVID, ("high", None)),
        ("V/v bão và lũ, COVID", BOTH, ("critical", "lu")),
        ("V/v bão và lu\u0303", BOTH, ("critical", "lu")),
        ("V/v COVID", [COVID[0] | {"valid_from": "2021-02-03"}], ("high", None)),
        ("V/v COVID", [COVID[0] | {"valid_to": "2021-02-01"}], ("high", None)),
        ("V/v COVID", [COVID[0] | {"valid_from": "2021-02-02", "valid_to": "2021-02-02"}], ("critical", "covid-19")),
        (None, COVID, ("high", None)),
    ],
)  # fmt: skip
def test_a_priority_topic_raises_one_step(
    subject: str | None, topics: list[dict[str, Any]], expected: tuple[str, str | None]
) -> None:
    row = one(document(subject=subject), send(**LOST), rule="undelivered", topics=topics)
    assert (row["severity"], row["topic"]) == expected


def test_critical_stays_critical():
    row = one(document(subject="V/v COVID", urgency="khan"), send(state="fail"), rule="failed_send")
    assert (row["severity"], row["topic"], row["urgency"]) == ("critical", "covid-19", "khan")


def test_a_document_without_a_number_has_a_date_for_its_topic():
    key = {"number": None, "document_uid": "u-1"}
    row = one(document(subject="V/v COVID", **key), send(**key, **LOST), rule="undelivered")
    assert (row["severity"], row["topic"], row["issued_date"]) == ("critical", "covid-19", None)


def test_without_an_issue_date_only_a_topic_without_end_is_in_force():
    key = {"issued_date": None, "document_uid": "u-1"}
    rows = [document(subject="V/v COVID", signed_at=None, day="2021-02-02", **key), send(**key, **LOST)]
    endless = [{"id": "always", "name": "x", "patterns": ["covid"]}]
    assert one(*rows, rule="undelivered", topics=COVID)["topic"] is None
    assert one(*rows, rule="undelivered", topics=endless)["topic"] == "always"


def test_the_subject_of_a_pair_is_the_receipt_s_where_the_register_has_none():
    row = one(receipt(subject="V/v COVID", urgency="khan"), rule="unanswered_receipt")
    assert (row["subject"], row["topic"], row["severity"], row["urgency"]) == (
        "V/v COVID",
        "covid-19",
        "critical",
        "khan",
    )


def test_policy_sets_the_severity_urgent_or_not():
    policy = {"rules": {"failed_send": {"severity": "low"}}}
    row = one(document(urgency="khan"), send(state="fail"), rule="failed_send", policy=policy)
    assert row["severity"] == "low"
    row = one(document(subject="V/v COVID"), send(state="fail"), rule="failed_send", policy=policy)
    assert row["severity"] == "medium"


def test_a_rule_that_is_switched_off_finds_nothing():
    policy = {"rules": {"undelivered": {"enabled": False}}}
    assert found(document(), send(**LOST), rule="undelivered", policy=policy).empty


def test_folding():
    assert fold("  Dịch  COVID – 19\u00ad\n(SARS-CoV 2)") == "dịchcovid19(sarscov2)"


# -- delay ------------------------------------------------------------------------------------------------------------


def test_a_delay_is_working_minutes():
    rows = [document(), send(), receipt(arrived_at="2021-02-02 16:00"), status("03", "2021-02-04 08:00:59")]
    # the deadline is 24:00 of 2 February; 3 February has 8 working hours, 4 February half of one
    assert one(*rows, rule="late_acknowledgement")["delay_minutes"] == 8 * 60 + 30


def test_what_never_happened_is_late_until_as_of():
    assert one(document(), receipt(arrived_at="2021-02-04 16:00"), rule="unanswered_receipt")["delay_minutes"] == 480


def test_of_an_urgent_limit_it_is_elapsed_minutes():
    rows = [document(urgency="khan"), send(sent_at="2021-02-02 22:00")]
    assert one(*rows, rule="late_urgent_send")["delay_minutes"] == 11 * 60


def test_only_urgent_limits_are_elapsed_minutes():
    # the limit of G2 runs day and night, from 10:00 to 14:00, but it is no urgent limit
    assert one(document(), send(**LOST), rule="undelivered")["delay_minutes"] == 3 * 60 + 3 * 8 * 60


@pytest.mark.parametrize(("day", "cites_letter"), [("2021-02-03", False), ("2021-02-04", True)])
def test_a_day_without_a_log_cites_the_law_of_that_day(day: str, cites_letter: bool) -> None:
    found = judge_part(facts_of(Case("no log", gaps=[f"H03.02 {day}"])), (RULES["missing_log"],)).findings
    assert any("814" in text for text in found["basis"].iloc[0]) == cites_letter


@pytest.mark.parametrize(("urgency", "minutes"), [("khan", 4 * 60), ("thuong", 60)])
def test_forwarding_has_both_kinds_of_limit(urgency: str, minutes: int) -> None:
    forwarded_at = "2021-02-02 16:00" if urgency == "khan" else "2021-02-04 08:30"
    rows = [document(urgency=urgency), send(), receipt(arrived_at="2021-02-02 10:10"), status("03", "2021-02-02 10:20")]
    assert one(*rows, status("04", forwarded_at), rule="late_forwarding")["delay_minutes"] == minutes


def test_without_a_deadline_no_delay():
    assert one(document(), send(state="fail"), rule="failed_send")["delay_minutes"] is None


# -- citations and evidence -------------------------------------------------------------------------------------------


def test_a_finding_cites_the_law_of_the_issue_date():
    assert (
        one(document(), send(**LOST), rule="undelivered")["basis"][0]
        == "điểm d khoản 2 Điều 4 Nghị định số 30/2020/NĐ-CP"
    )
    old = {"issued_date": "2020-03-04"}
    row = one(document(**old), send(**old, **LOST), rule="undelivered")
    assert not [text for text in row["basis"] if "30/2020" in text]
    assert [text for text in row["basis"] if "28/2018" in text]


def test_groups_n_r_h_cite_the_law_of_the_event():
    old = {"issued_date": "2020-03-04"}
    row = one(document(**old, signed_at="2020-03-04 09:00"), send(**old), receipt(**old), rule="unanswered_receipt")
    assert [text for text in row["basis"] if "30/2020" in text]


def test_the_evidence_is_where_the_rows_stand():
    rows = [document(), send(**LOST), send(**LOST, attempt=2, sent_at="2021-02-03 09:00"), send(recipient="H03.04")]
    told = found(*rows, rule="undelivered")
    mine = told[told["recipient"] == RECIPIENT]["evidence"].item()
    assert [(row["table"], row["agency"], row["log_day"], row["line"]) for row in mine] == [
        ("documents", SENDER, "2021-02-02", 1),
        ("sends", SENDER, "2021-02-02", 1),
        ("sends", SENDER, "2021-02-03", 1),
    ]
    assert {row["page"] for row in mine} == {
        hashlib.sha256(f"{SENDER} {day} {table}".encode()).hexdigest()
        for day, table in (("2021-02-02", "documents"), ("2021-02-02", "sends"), ("2021-02-03", "sends"))
    }


def test_of_a_document_all_its_rows_the_oldest_first_and_not_too_many():
    rows = [send(recipient=f"H03.{number}", sent_at=f"2021-02-0{1 + number // 10} 10:00") for number in range(10, 60)]
    row = one(document(signer_name=None), *rows, rule="missing_information")
    assert len(row["evidence"]) == ROWS_MAX
    days = [line["log_day"] for line in row["evidence"]]
    assert days == sorted(days)


def test_both_sides_stand_in_the_evidence():
    rows = [
        document(),
        send(),
        receipt(arrived_at="2021-02-02 10:01"),
        status("01", "2021-02-02 10:02"),
        status("03", "2021-02-03 09:00", log=SENDER),
    ]
    row = one(*rows, rule="late_acknowledgement")
    assert [(line["table"], line["agency"]) for line in row["evidence"]] == [
        ("documents", SENDER), ("sends", SENDER), ("receipts", RECIPIENT), ("statuses", RECIPIENT), ("statuses", SENDER),
    ]  # fmt: skip


def test_what_is_about_no_document_has_no_rows():
    assert one(rule="system_outage", probes=PROBES)["evidence"] == []


# -- order ------------------------------------------------------------------------------------------------------------

MANY = [
    *(row for number in range(1, 9) for row in (document(number=str(number)), send(number=str(number), **LOST))),
    *(send(number="1", recipient=recipient, state="fail") for recipient in ("H03.05", "H03.04")),
    document(sender="H03.04", notation="STC-VP", urgency="khan", subject="V/v COVID"),
    send(sender="H03.04", notation="STC-VP", state="fail"),
    receipt(number="30"),
    document(number="31", signer_name=None),
    send(number="31"),
    status("77", "2021-02-02 11:00"),
]


def test_the_gravest_come_first_then_by_rule_agency_and_document():
    findings = found(*MANY, probes=PROBES, gaps=["H03.07 2021-02-03"])
    rank = ["critical", "high", "medium", "low"]
    places = {rule.id: place for place, rule in enumerate(CATALOGUE)}
    keys = [
        (
            rank.index(row.severity),
            places[row.rule],
            row.agency,
            row.sender or "",
            row.issued_date or "",
            row.number or "",
            row.notation or "",
            row.recipient or "",
            row.extra,
        )
        for row in findings.itertuples()
    ]
    assert keys == sorted(keys)
    assert len({row.severity for row in findings.itertuples()}) == 4
    shuffled = findings.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(in_order(shuffled.reset_index(drop=True), CATALOGUE), findings)


def tables_of(frames: Frames) -> dict[str, pd.DataFrame | LogTable]:
    return {name: getattr(frames, name) for name in Frames.__dataclass_fields__ if name != "verified"}


def test_the_order_of_rows_in_the_log_does_not_matter():
    facts = facts_of(Case("", MANY, probes=PROBES, gaps=["H03.07 2021-02-03"]))
    expected = judge_part(facts)
    dates = tuple(date_of(day) for day in (facts.period.start_day, facts.period.end_day, facts.period.as_of_day))
    for seed in range(3):
        state = random.Random(seed).randrange(2**31)
        shuffled = {
            name: (rows.whole() if isinstance(rows, LogTable) else rows)
            .sample(frac=1, random_state=state)
            .reset_index(drop=True)
            for name, rows in tables_of(facts.frames).items()
        }
        part = judge_part(Facts(facts.settings, facts.registry, facts.calendar, Frames(**shuffled), dates))
        pd.testing.assert_frame_equal(part.findings, expected.findings)
        pd.testing.assert_frame_equal(part.tally, expected.tally)
