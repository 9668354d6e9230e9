"""Outcomes, indicators, index and ranking."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.engine import JudgeInputs, Judgement, merged
from audit.facts import Facts
from audit.log import Log
from audit.measures import together
from audit.measures.counts import Observations, durations, plain, share
from audit.measures.index import compliance_index, may_be_ranked, ranks, weights
from audit.measures.indicators import INDICATORS, PROVINCE, indicators
from audit.measures.outcomes import COLUMNS
from audit.part import judge_part
from audit.rules import CATALOGUE
from audit.settings import Settings
from audit.settings.policy import Policy
from reports.indicators import INDICATORS as REPORTED
from tests.rules.harness import RECIPIENT, SENDER, Case, Row, document, facts_of, file, receipt, send, signature, status

LOST = {"state": "processing", "state_at": None}
ALL = [f"H03.0{number}" for number in range(1, 10)]


def judgement(*rows: Row, **options: Any) -> Judgement:
    return conclusion(facts_of(Case("", rows, **options)))


def conclusion(facts: Facts) -> Judgement:
    """The judgement of facts that were not read from a log."""
    frames = facts.frames
    inputs = JudgeInputs(
        facts.settings, facts.registry, facts.calendar, Log.__new__(Log), frames.coverage, frames.probes
    )
    return merged([judge_part(facts)], inputs, facts.period)


def outcome(found: Judgement, rule: str, agency: str) -> tuple[Any, ...]:
    """tested, breaches, findings, not_decided, outcome."""
    rows = found.outcomes[(found.outcomes["rule"] == rule) & (found.outcomes["agency"] == agency)]
    (row,) = rows.to_dict("records")
    return tuple(row[name] for name in ("tested", "breaches", "findings", "not_decided", "outcome"))


def values(found: Judgement, agency: str, *names: str) -> list[float | None]:
    """The indicators of an agency; None where there is no data."""
    of = found.indicators[found.indicators["agency"] == agency].set_index("indicator")["value"]
    return [None if math.isnan(of[name]) else round(float(of[name]), 6) for name in names]


# -- outcomes ---------------------------------------------------------------------------------------------------------


def test_every_rule_and_every_agency_has_a_row_in_order(shipped: Settings):
    found = judgement().outcomes
    assert tuple(found.columns) == COLUMNS
    expected = [(rule.id, rule.code, agency.code) for rule in CATALOGUE for agency in shipped.agencies]
    assert list(found[["rule", "code", "agency"]].itertuples(index=False, name=None)) == expected
    assert {
        (str(row.period_start.date()), str(row.period_end.date()), row.as_of.isoformat()) for row in found.itertuples()
    } == {("2021-02-01", "2021-02-07", "2021-02-07T17:00:00+00:00")}


def test_what_was_not_tested_never_passes():
    found = judgement().outcomes
    assert set(found.loc[found["rule"] == "undelivered", "outcome"]) == {"NOT_TESTED"}
    assert not ((found["tested"] == 0) & (found["outcome"] != "NOT_TESTED")).any()


def test_pass_fail_and_not_decided():
    rows = [
        document(),
        send(**LOST),
        send(number="13"),
        receipt(number="13"),
        send(number="14", sent_at="2021-02-04 10:00", **LOST),
    ]
    found = judgement(*rows, gaps=["H03.02 2021-02-04"])
    assert outcome(found, "undelivered", SENDER) == (2, 1, 1, 1, "FAIL")
    assert outcome(found, "undelivered", RECIPIENT) == (0, 0, 0, 0, "NOT_TESTED")
    assert outcome(found, "failed_receipt", RECIPIENT) == (1, 0, 0, 0, "PASS")


def test_a_rule_that_is_switched_off_is_not_tested():
    found = judgement(document(), send(**LOST), policy={"rules": {"undelivered": {"enabled": False}}})
    assert outcome(found, "undelivered", SENDER) == (0, 0, 0, 0, "NOT_TESTED")
    assert values(found, SENDER, "undelivered") == [0]


def test_agencies_are_in_scope_that_are_valid_on_a_day_of_the_period():
    ends = {"H03.04": {"valid_to": "2021-01-31"}, "H03.05": {"valid_to": "2021-02-01"}}
    begins = {
        "H03.06": {"valid_from": "2021-02-08"},
        "H03.07": {"valid_from": "2021-02-07"},
        "H03.08": {"valid_from": "2021-02-05"},
    }
    agencies = set(judgement(agencies=ends | begins).outcomes["agency"])
    assert agencies & set(ALL) == {"H03.01", "H03.02", "H03.03", "H03.05", "H03.07", "H03.08", "H03.09"}
    seen = set(judgement(agencies=ends | begins, as_of="2021-02-05").outcomes["agency"])
    assert seen & set(ALL) == {"H03.01", "H03.02", "H03.03", "H03.05", "H03.09"}


# -- index and rank ---------------------------------------------------------------------------------------------------


def test_weights_are_those_of_the_base_severity():
    policy = Policy.model_validate({"rules": {"missing_information": {"severity": "critical"}}})
    weight = weights(CATALOGUE, policy)
    assert {name: weight[name] for name in ("unsigned", "failed_send", "late_send", "number_gap", "missing_information")} == {
        "unsigned": 8, "failed_send": 4, "late_send": 2, "number_gap": 1, "missing_information": 8,
    }  # fmt: skip


def test_the_index_by_its_formula():
    counts = pd.DataFrame(
        [("a", "H1", 10, 5), ("b", "H1", 4, 0), ("c", "H1", 0, 0), ("a", "H2", 0, 0), ("b", "H3", 2, 2)],
        columns=["rule", "agency", "tested", "breaches"],
    )
    found = compliance_index(counts, {"a": 8, "b": 2, "c": 4}).set_index("agency")
    assert found.to_dict("index") == {
        "H1": {"numerator": 4.0, "denominator": 10.0, "value": 60.0},
        "H3": {"numerator": 2.0, "denominator": 2.0, "value": 0.0},
    }


def test_ties_share_a_place_and_the_next_follows_after_them():
    index = pd.Series({"a": 90.0, "b": 100 * (1 - 0.1), "c": 95.0, "d": np.nan, "e": 10.0})
    assert ranks(index).fillna(-1).to_dict() == {"a": 2, "b": 2, "c": 1, "d": -1, "e": 4}


@pytest.mark.parametrize(
    ("tested", "coverage", "expected"),
    [
        (20, 1.0, True),
        (19, 1.0, False),
        (20, 0.8, True),
        (20, 0.79, False),
        (500, float("nan"), False),
        (20, 1 - 1 / 5, True),
    ],
)
def test_who_may_be_ranked(tested: int, coverage: float, expected: bool) -> None:
    assert may_be_ranked(pd.Series([tested]), pd.Series([coverage]), Policy()).tolist() == [expected]


def many(sender: str, number: int, notation: str, **fields: Any) -> list[Row]:
    key = {"sender": sender, "notation": notation}
    return [
        row
        for place in range(1, number + 1)
        for row in (document(**key, number=str(place)), send(**key, number=str(place), **fields))
    ]


def test_a_ranking():
    rows = [*many("H03.02", 10, "SNV-VP"), *many("H03.04", 10, "STC-VP", state="fail"), *many("H03.05", 9, "SCT-VP")]
    rows += [
        receipt(sender=row.fields["sender"], notation=row.fields["notation"], number=row.fields["number"])
        for row in rows
        if row.table == "sends"
    ]
    found = judgement(*rows, gaps=[f"H03.03 2021-02-0{day} documents" for day in (5, 6)])
    assert values(found, "H03.02", "rank", "rank_tested") == [1, 20]
    assert values(found, "H03.04", "rank", "rank_tested") == [2, 20]
    assert values(found, "H03.05", "rank", "rank_tested") == [None, 18]
    assert values(found, RECIPIENT, "rank", "coverage_share") == [None, 0.714286]
    assert values(found, PROVINCE, "rank") == [None]


def test_documents_and_pairs_are_counted_alike_where_there_are_too_many_for_tables(monkeypatch: pytest.MonkeyPatch):
    rows = [*many("H03.02", 3, "SNV-VP"), receipt(number="1"), status("03", "2021-02-02 11:00", number="2")]
    ended = {"H03.03": {"valid_to": "2021-02-02", "successor": "H03.04"}}
    told = values(judgement(*rows, agencies=ended), PROVINCE, "rank_tested")
    monkeypatch.setattr(together, "CELLS_MAX", 0)
    assert values(judgement(*rows, agencies=ended), PROVINCE, "rank_tested") == told
    assert told[0] is not None
    assert told[0] > 6


def test_the_province_s_index_is_that_of_all_members_together():
    found = judgement(*many("H03.02", 3, "SNV-VP"), *many("H03.04", 1, "STC-VP", state="fail"), receipt())
    rates = found.outcomes[found.outcomes["tested"] > 0].groupby("rule")[["tested", "breaches"]].sum()
    weight = pd.Series({rule.id: rule.severity.weight for rule in CATALOGUE}).reindex(rates.index)
    expected = 100 * (1 - (weight * rates["breaches"] / rates["tested"]).sum() / weight.sum())
    assert values(found, PROVINCE, "compliance_index") == [round(float(expected), 6)]


# -- indicators -------------------------------------------------------------------------------------------------------


def test_the_indicators_are_those_the_reports_know():
    from_the_ledger = {"findings_new", "findings_resolved", "findings_open"}
    assert set(INDICATORS) == set(REPORTED) - from_the_ledger


def test_every_agency_has_every_indicator_the_province_first(shipped: Settings):
    found = judgement().indicators
    codes = [PROVINCE, *(agency.code for agency in shipped.agencies)]
    assert list(found[["agency", "indicator"]].itertuples(index=False, name=None)) == [
        (code, name) for code in codes for name in INDICATORS
    ]


def test_no_data_is_no_value():
    found = judgement(gaps=[f"H03.02 2021-02-0{day}" for day in range(1, 8)])
    nothing = {name: values(found, SENDER, name)[0] for name in INDICATORS}
    assert {name for name, value in nothing.items() if value is not None} == {"coverage_share", "compliance_index"}
    assert values(found, SENDER, "coverage_share", "compliance_index") == [0, 0]  # H2 alone was tested, and breached
    silent = judgement()
    assert values(silent, SENDER, "documents_sent", "arrived_share", "backlog_open") == [0, None, 0]


TRAFFIC = [
    document(recipients=["H03.03", "H03.04"]), send(), receipt(), send(recipient="H03.04", **LOST),
    document(number="13"), send(number="13", state="fail"), send(number="13", attempt=2, sent_at="2021-02-03 09:00"), receipt(number="13", arrived_at="2021-02-03 09:01"),
    document(number="14"), send(number="14", state="fail"),
    send(number="15", issued_date="2021-01-29", sent_at="2021-01-29 10:00"), receipt(number="15", issued_date="2021-01-29", arrived_at="2021-02-01 08:00", day="2021-02-01"),
]  # fmt: skip


def test_traffic():
    found = judgement(*TRAFFIC)
    names = ("documents_sent", "pairs_sent", "arrived_share", "undelivered", "documents_received")
    assert values(found, SENDER, *names) == [3, 4, 0.5, 2, 0]
    assert values(found, RECIPIENT, *names) == [0, 0, None, None, 2]
    assert values(found, PROVINCE, *names) == [3, 4, 0.5, 2, 2]


def test_statuses_alone_tell_that_nothing_was_received():
    gaps = [f"{RECIPIENT} 2021-02-0{day} receipts" for day in range(1, 8)]
    assert values(judgement(gaps=gaps), RECIPIENT, "documents_received", "backlog_open") == [0, 0]


def test_one_pair_is_enough_to_say_that_nothing_is_lost():
    assert values(judgement(document(), send(), receipt()), SENDER, "undelivered", "arrived_share") == [0, 1]


def test_what_is_sent_at_midnight_is_sent_on_the_day_that_begins():
    ended = {SENDER: {"valid_to": "2021-02-02", "successor": "H03.04"}}
    found = judgement(document(), send(sent_at="2021-02-03 00:00", state_at="2021-02-03 00:01"), agencies=ended)
    assert values(found, "H03.04", "documents_sent", "pairs_sent") == [1, 1]
    assert values(found, SENDER, "documents_sent", "pairs_sent") == [0, 0]


def test_a_message_that_is_lost_counts_once():
    recall = send(axis_doc_id="r", business_type=1, sent_at="2021-02-03 08:00", **LOST)
    found = judgement(document(), send(axis_doc_id="a"), receipt(axis_doc_id="a"), recall)
    assert values(found, SENDER, "pairs_sent", "undelivered") == [1, 1]


ANSWERS = [
    document(), *(send(number=str(number)) for number in range(1, 5)),
    *(receipt(number=str(number), arrived_at="2021-02-02 10:00") for number in range(1, 5)),
    status("03", "2021-02-02 10:30", number="1"), status("03", "2021-02-02 14:00", number="2"), status("03", "2021-02-03 10:00", number="3"),
    status("04", "2021-02-02 11:00", number="1"), status("04", "2021-02-04 10:00", number="2"),
]  # fmt: skip


def test_how_soon_recipients_answer():
    found = judgement(*ANSWERS)
    assert outcome(found, "late_acknowledgement", RECIPIENT)[:2] == (4, 1)
    assert outcome(found, "unanswered_receipt", RECIPIENT)[:2] == (4, 1)
    # 30 minutes, 2 hours 30 (lunch is no working time), 8 hours; one was never answered
    names = (
        "acknowledged_in_day_share",
        "ack_minutes_median",
        "ack_minutes_p90",
        "forward_minutes_median",
        "forward_minutes_p90",
    )
    assert values(found, RECIPIENT, *names) == [0.5, 150, 480, (60 + 960) / 2, 960]
    assert values(found, PROVINCE, *names) == values(found, RECIPIENT, *names)
    assert values(found, SENDER, *names) == [None] * 5


def test_the_province_s_median_is_that_of_all_durations():
    others = [send(number=str(number), recipient="H03.04") for number in range(5, 8)]
    others += [receipt(number=str(number), recipient="H03.04", arrived_at="2021-02-02 10:00") for number in range(5, 8)]
    others += [status("03", "2021-02-02 10:10", number=str(number), from_org="H03.04") for number in range(5, 8)]
    found = judgement(*ANSWERS, *others)
    assert values(found, "H03.04", "ack_minutes_median", "ack_minutes_p90") == [10, 10]
    assert values(found, PROVINCE, "ack_minutes_median", "ack_minutes_p90") == [20, 480]
    assert values(found, PROVINCE, "acknowledged_in_day_share") == [round(5 / 7, 6)]


@given(st.lists(st.tuples(st.sampled_from([SENDER, RECIPIENT]), st.integers(0, 9)), max_size=30))
def test_medians_and_what_90_percent_took_are_those_of_numpy(taken: list[tuple[str, int]]):
    of_whom = np.array([0 if agency == SENDER else 1 for agency, _ in taken], dtype=np.int64)
    minutes = np.array([number for _, number in taken], dtype=np.int64)
    told = durations("ack_minutes", of_whom, minutes, np.array([SENDER, RECIPIENT], dtype=object))
    nothing = pd.DataFrame(columns=["agency", "indicator", "numerator", "denominator"])
    tally = pd.DataFrame(columns=["rule", "agency", "tested", "breaches"])
    found = indicators(Observations(nothing, told), tally, [SENDER, RECIPIENT], {}, Policy())
    table = found.set_index(["agency", "indicator"])
    for agency, mine in ((PROVINCE, minutes), (SENDER, minutes[of_whom == 0]), (RECIPIENT, minutes[of_whom == 1])):
        median, within = (table.loc[(agency, f"ack_minutes_{name}"), "value"] for name in ("median", "p90"))
        if len(mine):
            assert (median, within) == (np.median(mine), np.quantile(mine, 0.9, method="inverted_cdf"))
            assert table.loc[(agency, "ack_minutes_median"), "denominator"] == len(mine)
        else:
            assert math.isnan(median)
            assert math.isnan(within)


def waiting(number: int, arrived_at: str, **fields: Any) -> list[Row]:
    key = {"number": str(number), "issued_date": arrived_at[:10]}
    return [send(**key, sent_at=arrived_at), receipt(**key, arrived_at=arrived_at, **fields)]


BACKLOG = [
    *waiting(1, "2021-02-07 10:00"),
    *waiting(2, "2021-01-28 23:59"),  # 10 days
    *waiting(3, "2021-01-27 10:00"),  # 11 days
    *waiting(4, "2021-01-08 10:00"),  # 30 days
    *waiting(5, "2021-01-07 10:00"),  # 31 days
    *waiting(6, "2020-11-09 10:00"),  # 90 days
    *waiting(7, "2020-11-08 10:00"),  # 91 days
    *waiting(8, "2021-01-27 10:00", needs_reply=False),
    *waiting(9, "2021-01-27 10:00", completed_at="2021-02-05 10:00"),
    *waiting(10, "2021-01-27 10:00", completed_at="2021-02-09 10:00", due_at="2021-02-20"),
    *waiting(11, "2021-01-27 10:00", returned_at="2021-02-05 10:00"),
    *waiting(12, "2021-02-09 10:00"),
]
BANDS = ("backlog_open", "backlog_age_0_10", "backlog_age_11_30", "backlog_age_31_90", "backlog_age_90_up")


def test_the_backlog_and_its_age():
    found = judgement(*BACKLOG)
    assert values(found, RECIPIENT, *BANDS) == [8, 2, 3, 2, 1]
    assert values(found, PROVINCE, *BANDS) == [8, 2, 3, 2, 1]
    # 4 and 5; of 6 and 7 nothing can be said, the log begins on 1 January
    assert outcome(found, "backlog", RECIPIENT)[:4] == (7, 2, 2, 2)
    assert values(found, RECIPIENT, "backlog_overdue") == [2]


def test_the_backlog_of_an_older_period_is_that_of_its_end():
    found = judgement(*BACKLOG, as_of="2021-02-20")
    assert values(found, RECIPIENT, *BANDS) == [8, 2, 3, 2, 1]


def test_who_cannot_tell_completion_has_no_backlog():
    found = judgement(*BACKLOG, agencies={RECIPIENT: {"reports_completion": False}})
    assert values(found, RECIPIENT, *BANDS) == [None] * 5
    assert values(found, RECIPIENT, "backlog_overdue") == [None]


def test_who_gives_no_log_has_no_backlog_though_others_logs_tell_what_came():
    rows = [row for number in (1, 2) for row in (document(number=str(number)), send(number=str(number)))]
    at = {"number": "3", "recipient": "H03.04"}
    rows += [document(number="3", recipients=["H03.04"]), send(**at), receipt(log="H03.04", **at)]
    gaps = [f"{RECIPIENT} 2021-02-0{day}" for day in range(1, 8)]
    apart = judgement(*rows, agencies={RECIPIENT: {"pulled": False}}, gaps=gaps)
    assert values(apart, RECIPIENT, *BANDS) == [None] * 5
    assert values(apart, PROVINCE, "backlog_open", "backlog_age_0_10") == [1, 1]


def test_the_backlog_at_the_end_of_the_last_day_is_who_answers_on_that_day():
    ended = {RECIPIENT: {"valid_to": "2021-02-07", "successor": "H03.04"}}
    found = judgement(*BACKLOG, agencies=ended)
    assert values(found, RECIPIENT, "backlog_open") == [8]
    assert values(found, "H03.04", "backlog_open") == [0]


def test_one_whole_day_is_enough_for_a_count_of_nothing():
    found = judgement(gaps=[f"{SENDER} 2021-02-0{day}" for day in range(1, 7)])
    assert values(found, SENDER, "documents_sent") == [0]


@pytest.mark.parametrize("longest", [2, 3])
def test_durations_of_two_agencies_are_told_apart(longest: int):
    codes = np.array(["H03.01", "H03.02"], dtype=object)
    found = durations("ack_minutes", np.array([0, 1, 1]), np.array([longest, longest - 2, longest]), codes)
    assert found[["agency", "minutes", "count"]].to_numpy().tolist() == [
        ["H03.01", longest, 1], ["H03.02", longest - 2, 1], ["H03.02", longest, 1]
    ]  # fmt: skip


def test_availability_is_working_time_that_answered():
    day = [
        {"at": f"2021-02-03 {minute // 60:02d}:{minute % 60:02d}", "ok": not 600 <= minute <= 605}
        for minute in range(420, 1081, 5)
    ]
    found = judgement(probes=day)
    # two failed probes, ten minutes of the day's 480
    assert values(found, SENDER, "availability") == [round(470 / 480, 6)]
    assert values(found, PROVINCE, "availability") == [round(470 / 480, 6)]
    assert values(found, RECIPIENT, "availability") == [None]
    assert found.outages.empty
    assert found.systems["availability"].tolist() == [pytest.approx(470 / 480)]
    (system,) = found.systems.drop(columns=["availability", "certificate_ends_at"]).to_dict("records")
    assert system == {
        "agency": SENDER, "probes": 133, "failed": 2, "outages": 0, "outage_minutes": 0, "longest_minutes": 0,
        "last_failure_at": pd.Timestamp("2021-02-03 10:05", tz="Asia/Ho_Chi_Minh"),
    }  # fmt: skip


def test_time_that_nobody_probed_is_neither_up_nor_down():
    both = [f"2021-02-03 {hour:02d}:{minute:02d}" for hour in (8, 15) for minute in range(0, 60, 5)]
    found = judgement(probes=[{"at": at, "ok": at < "2021-02-03 12"} for at in both])
    # from 8:00 to 8:55 up, from 15:00 to 15:55 down
    assert values(found, SENDER, "availability") == [0.5]
    assert found.outages[["agency", "working_minutes"]].to_numpy().tolist() == [[SENDER, 55]]
    assert found.outages["ended_at"].isna().all()


def test_outages_of_the_period_by_agency_and_start():
    def down(agency: str, hour: int) -> list[dict[str, Any]]:
        return [
            {"agency": agency, "at": f"2021-02-03 {hour:02d}:{minute:02d}", "ok": minute >= 30}
            for minute in range(0, 60, 10)
        ]

    found = judgement(probes=[*down("H03.04", 9), *down("H03.03", 14), *down("H03.03", 8)])
    assert list(found.outages["agency"]) == ["H03.03", "H03.03", "H03.04"]
    assert list(found.outages["started_at"]) == [
        pd.Timestamp(f"2021-02-03 {hour:02d}:00", tz="Asia/Ho_Chi_Minh") for hour in (8, 14, 9)
    ]
    assert found.systems[["agency", "outages", "outage_minutes", "longest_minutes"]].to_numpy().tolist() == [
        ["H03.03", 2, 60, 30], ["H03.04", 1, 30, 30],
    ]  # fmt: skip


def test_coverage_counts_whole_days():
    gaps = ["H03.02 2021-02-01 sends", "H03.02 2021-02-01 receipts", "H03.02 2021-02-03", "H03.03 2021-02-04 statuses"]
    found = judgement(gaps=gaps, agencies={"H03.05": {"pulled": False}, "H03.06": {"log_of": SENDER, "pulled": False}})
    assert values(found, SENDER, "coverage_share") == [round(5 / 7, 6)]
    assert values(found, RECIPIENT, "coverage_share") == [round(6 / 7, 6)]
    assert values(found, "H03.05", "coverage_share") == [None]
    assert values(found, "H03.06", "coverage_share") == [round(5 / 7, 6)]
    assert values(judgement(as_of="2021-02-03", gaps=["H03.02 2021-02-01"]), SENDER, "coverage_share") == [0.5]


def test_signatures_of_both_parties():
    def signed(number: int, *parties: str | None) -> list[Row]:
        return [
            document(number=str(number), files=[file(signatures=[signature(party) for party in parties])]),
            send(number=str(number)),
        ]

    no_file = [document(number="8", files=[]), send(number="8")]
    untold = [document(number="9", files=[file(signatures=None)]), send(number="9")]
    rows = [
        *signed(1, "person", "agency"),
        *signed(2, "person"),
        *signed(3),
        *signed(4, "person", None),
        *no_file,
        *untold,
        document(number="10"),
    ]
    found = judgement(*rows)
    assert values(found, SENDER, "signed_both_share") == [round(1 / 3, 6)]
    assert values(judgement(*rows, agencies={SENDER: {"reports_signatures": False}}), SENDER, "signed_both_share") == [
        None
    ]


def test_the_first_agency_of_the_registry_signs_like_the_others(shipped: Settings):
    first = {"sender": shipped.agencies[0].code}
    rows = [document(**first, files=[file(signatures=[signature("person"), signature("agency")])]), send(**first)]
    assert values(judgement(*rows), first["sender"], "signed_both_share") == [1]


def test_electronic_documents_of_a_whole_register():
    paper = [document(number=str(number), recipients=[]) for number in (20, 21)]
    rows = [
        document(),
        send(),
        document(number="13"),
        *paper,
        document(number="9", issued_date="2021-01-29"),
        send(number="9", issued_date="2021-01-29"),
    ]
    assert values(judgement(*rows), SENDER, "electronic_share") == [None]
    found = judgement(*rows, agencies={SENDER: {"register_whole": True}})
    assert values(found, SENDER, "electronic_share") == [0.25]
    later = [document(number="30", issued_date="2021-02-08", day="2021-02-04")]
    assert values(
        judgement(*rows, *later, agencies={SENDER: {"register_whole": True}}), SENDER, "electronic_share"
    ) == [0.25]
    assert values(found, PROVINCE, "electronic_share") == [0.25]


# -- notes ------------------------------------------------------------------------------------------------------------


def test_what_readers_must_know():
    facts = facts_of(
        Case("", [document(urgency="gấp"), send(), document(number="13"), send(number="13"), receipt(number="13")])
    )
    coverage = facts.frames.coverage
    inside = (coverage["agency"] == SENDER) & (coverage["day"] == "2021-02-03")
    object.__setattr__(facts.frames, "coverage", coverage.assign(rejects=coverage["rejects"].mask(inside, 2)))
    # 12 was never received, though the sender's log says `done`
    assert conclusion(facts).notes == {
        "unknown_urgency": 1,
        "contradictions": 1,
        "source_contradictions": 0,
        "rejects": 8,
        "log_signatures": 4,
        "untrusted_chains": 0,
    }


def test_a_share_of_nothing_has_no_value_and_one_of_something_has() -> None:
    assert share("x", np.zeros(3), np.array([0.0, 1.0, 2.0])).known.tolist() == [False, True, True]


def test_a_count_has_a_value_where_the_log_tells_or_something_was_counted() -> None:
    told = np.array([False, False, True])
    assert plain("x", np.array([0.0, 1.0, 0.0]), told).known.tolist() == [False, True, True]
