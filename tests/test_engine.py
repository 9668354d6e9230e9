"""The judge over a log on disk, over shards, and the laws of rules.md section 3."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from audit.conform import Origin, PageItems, conform
from audit.engine import JudgeInputs, Judgement, judge, merged, read_facts
from audit.facts import Facts, Frames
from audit.log import Log
from audit.normalise import Normaliser
from audit.part import judge_part
from audit.rules import CATALOGUE
from audit.working_time import date_of
from tests.agreement import facts_of as facts_of_oracle_case
from tests.oracle.random_province import random_case
from tests.rules.harness import Case, Row, document, facts_of, receipt, send, sha256, status

START, END = date(2021, 2, 1), date(2021, 2, 8)
LOST = {"state": "processing", "state_at": None}
ROWS = [
    document(), send(**LOST), document(number="13"), send(number="13"), receipt(number="13"), status("03", "2021-02-03 10:00", number="13"),
    document(sender="H03.04", notation="STC-VP", urgency="khan"), send(sender="H03.04", notation="STC-VP", state="fail", sent_at="2021-02-05 10:00"),
]  # fmt: skip
PROBES = [{"at": f"2021-02-03 08:{minute:02d}", "ok": not 5 <= minute <= 30} for minute in range(0, 60, 5)]
NOT_ADDITIVE = ("backlog", "urgent_backlog", "number_gap", "system_outage", "expiring_certificate")
"""rules.md section 3: consecutive periods add up, except for N5, N6, T4, H1, H3."""
FRAMES = ("findings", "outcomes", "indicators", "outages", "systems")


def stored(root: Path, rows: Iterable[Row], facts: Facts) -> JudgeInputs:
    """The rows in a log on disk, judged by what the facts are judged by."""
    log = Log(root)
    normaliser = Normaliser(facts.policy.placeholders.values)
    pulls: dict[tuple[str, date, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        pulls[row.log, row.day, row.table].append(row.fields)
    for (agency, day, table), items in sorted(pulls.items()):
        page = PageItems(sha256(f"{agency} {day} {table}"), 1, json.dumps(items).encode())
        log.replace(day, agency, conform(table, [page], Origin(agency, day), facts.registry, normaliser).tables)
    return inputs_of(facts, log)


def inputs_of(facts: Facts, log: Log | None = None) -> JudgeInputs:
    frames = facts.frames
    return JudgeInputs(
        facts.settings, facts.registry, facts.calendar, log or Log(Path("nowhere")), frames.coverage, frames.probes
    )


def assert_same(one: Judgement, other: Judgement) -> None:
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    assert one.notes == other.notes


def whole(facts: Facts) -> Judgement:
    return merged([judge_part(facts)], inputs_of(facts), facts.period)


def in_shards(inputs: JudgeInputs, shards: int) -> JudgeInputs:
    """The same, judged in so many shards by this process."""
    audit = inputs.settings.audit
    judging = audit.judge.model_copy(update={"shards": shards, "workers": 1})
    audit = audit.model_copy(update={"judge": judging})
    return replace(inputs, settings=inputs.settings.model_copy(update={"audit": audit}))


# -- a log on disk ----------------------------------------------------------------------------------------------------


def test_a_log_is_judged_as_its_rows_are(tmp_path: Path) -> None:
    facts = facts_of(Case("", ROWS, probes=PROBES, gaps=["H03.05 2021-02-03"]))
    found = judge(stored(tmp_path, ROWS, facts), START, END, END)
    assert_same(found, whole(facts))
    assert set(found.findings["rule"]) >= {
        "undelivered",
        "failed_send",
        "late_acknowledgement",
        "system_outage",
        "missing_log",
    }


def test_days_of_the_log_from_as_of_on_do_not_exist_yet(tmp_path: Path) -> None:
    facts = facts_of(Case("", ROWS))
    early = judge(stored(tmp_path, ROWS, facts), START, END, date(2021, 2, 3))
    before = [row for row in ROWS if row.day < date(2021, 2, 3)]
    assert_same(early, whole(facts_of(Case("", before, as_of="2021-02-03"))))
    assert early.outcomes["as_of"].unique()[0] == pd.Timestamp("2021-02-02T17:00Z")


def test_the_same_every_time(tmp_path: Path) -> None:
    inputs = stored(tmp_path, ROWS, facts_of(Case("", ROWS, probes=PROBES)))
    assert_same(judge(inputs, START, END, END), judge(inputs, START, END, END))


@pytest.mark.parametrize("shards", [1, 2])
def test_nothing_to_judge(tmp_path: Path, shards: int) -> None:
    facts = facts_of(Case(""))
    nothing = replace(inputs_of(facts, Log(tmp_path / "nowhere")), coverage=facts.frames.coverage.iloc[:0])
    found = judge(in_shards(nothing, shards), START, END, END)
    assert found.findings.empty
    assert set(found.outcomes["outcome"]) == {"NOT_TESTED"}
    told = found.indicators[found.indicators["value"].notna()]
    assert set(told[["indicator", "value"]].itertuples(index=False, name=None)) == {("coverage_share", 0.0)}
    assert found.outcomes.loc[found.outcomes["not_decided"] > 0, "rule"].unique().tolist() == ["missing_log"]


def test_a_period_without_a_day(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a period ends after it starts"):
        judge(inputs_of(facts_of(Case("")), Log(tmp_path)), END, END, END)


def test_the_facts_that_a_finding_rests_on(tmp_path: Path) -> None:
    facts = read_facts(stored(tmp_path, ROWS, facts_of(Case("", ROWS))), START, END, END)
    assert (len(facts.documents), len(facts.sends.frame)) == (3, 3)


# -- shards -----------------------------------------------------------------------------------------------------------


def by_sender(frames: Frames, shard_of: Mapping[str, int], count: int) -> list[Frames]:
    """The frames in shards by sender, as `status_side` tells whose document a status speaks of."""

    def part(frame: pd.DataFrame, senders: pd.Series, shard: int) -> pd.DataFrame:
        return frame[(senders.astype(object).map(shard_of) == shard).to_numpy()].reset_index(drop=True)

    named = [frames.documents, frames.sends, frames.receipts]
    known = {key for frame in named for key in zip(frame["sender"].astype(object), frame["reference"], strict=True)}
    statuses = frames.statuses
    sides = []
    for from_org, to_org, code, reference in zip(
        *(statuses[name].astype(object) for name in ("from_org", "to_org", "status_code", "reference")), strict=True
    ):
        first, second = (from_org, to_org) if code == "13" else (to_org, from_org)
        sides.append(second if (first, reference) not in known and (second, reference) in known else first)
    shards = []
    for shard in range(count):
        rows = part(frames.documents, frames.documents["sender"], shard)["document_row"]
        shards.append(
            Frames(
                documents=part(frames.documents, frames.documents["sender"], shard),
                files=frames.files[frames.files["document_row"].isin(rows)].reset_index(drop=True),
                signatures=frames.signatures[frames.signatures["document_row"].isin(rows)].reset_index(drop=True),
                sends=part(frames.sends, frames.sends["sender"], shard),
                receipts=part(frames.receipts, frames.receipts["sender"], shard),
                statuses=part(statuses, pd.Series(sides, dtype=object), shard),
                coverage=frames.coverage,
                probes=frames.probes,
            )
        )
    return shards


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shards_by_sender_add_up(seed: int) -> None:
    facts = random_facts(seed)
    frames = facts.frames
    shard_of = {code: place % 3 for place, code in enumerate(facts.agencies.codes)}
    dates = dates_of(facts)
    parts = [
        judge_part(Facts(facts.settings, facts.registry, facts.calendar, shard, dates), systems=number == 1)
        for number, shard in enumerate(by_sender(frames, shard_of, 3))
    ]
    assert_same(merged(parts[::-1], inputs_of(facts), facts.period), whole(facts))


# -- laws -------------------------------------------------------------------------------------------------------------


def random_facts(seed: int) -> Facts:
    """A random province of the oracle's."""
    return facts_of_oracle_case(random_case(random.Random(seed)))


def dates_of(facts: Facts) -> tuple[date, date, date]:
    period = facts.period
    return date_of(period.start_day), date_of(period.end_day), date_of(period.as_of_day)


def judged_again(facts: Facts, frames: Frames, start: date, end: date) -> Judgement:
    return whole(Facts(facts.settings, facts.registry, facts.calendar, frames, (start, end, dates_of(facts)[2])))


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_consecutive_periods_add_up(seed: int) -> None:
    facts = random_facts(seed)
    start, end, _ = dates_of(facts)
    middle = date_of((facts.period.start_day + facts.period.end_day) // 2)
    halves = [judged_again(facts, facts.frames, *days) for days in ((start, middle), (middle, end))]
    counts = [
        half.outcomes.set_index(["rule", "agency"])[["tested", "breaches", "not_decided"]]
        for half in (*halves, whole(facts))
    ]
    added = counts[0].add(counts[1], fill_value=0).astype("int64")
    additive = ~np.isin(added.index.get_level_values("rule"), NOT_ADDITIVE)
    pd.testing.assert_frame_equal(added[additive].sort_index(), counts[2].reindex(added.index)[additive].sort_index())
    ids = [
        set(found.findings.loc[~found.findings["rule"].isin(NOT_ADDITIVE), "finding_id"])
        for found in (*halves, whole(facts))
    ]
    assert ids[0] | ids[1] == ids[2]


@pytest.mark.parametrize("seed", [7, 8])
def test_the_order_of_rows_and_agencies_does_not_matter(seed: int) -> None:
    facts = random_facts(seed)
    shuffled = {
        name: getattr(facts.frames, name).sample(frac=1, random_state=seed).reset_index(drop=True)
        for name in Frames.__dataclass_fields__
        if name != "verified"
    }
    assert_same(judged_again(facts, Frames(**shuffled), *dates_of(facts)[:2]), whole(facts))


@pytest.mark.parametrize("seed", [9, 10])
def test_the_counts_agree_with_the_findings(seed: int) -> None:
    found = whole(random_facts(seed))
    by_rule = found.findings.groupby(["rule", "agency"]).size()
    told = found.outcomes.set_index(["rule", "agency"])
    assert told.loc[told["findings"] > 0, "findings"].to_dict() == by_rule.to_dict()
    assert (told["breaches"] <= told["tested"]).all()
    assert ((told["breaches"] > 0) == (told["outcome"] == "FAIL")).all()
    assert ((told["breaches"] > 0) == (told["findings"] > 0)).all()
    assert set(told.index.get_level_values("rule")) == {rule.id for rule in CATALOGUE}
    assert found.findings["finding_id"].is_unique
