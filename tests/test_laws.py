"""Laws that hold for every judgement (issue 3; rules.md, *Laws*), on random provinces through the real conform, facts, rules and counts.

A random province is hostile on purpose: logs contradict each other, versions come late, codes are old. Two laws speak of provinces whose
logs agree with each other, or of a document that is told well; they say so.

By default every law is tried on two of ten provinces, so that several laws share what was judged already; `make test-slow`, and
HYPOTHESIS_PROFILE=long, try them on many more.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from audit.conform import Origin, PageItems, conform
from audit.engine import JudgeInputs, judge, judge_part
from audit.facts import Facts
from audit.log import Log
from audit.normalise import Normaliser
from audit.simulator import SimulationOptions, simulate
from audit.working_time import date_of
from tests import laws
from tests.agreement import Answer, differences, facts_of, fast_answer
from tests.oracle import Case
from tests.oracle.random_province import random_case
from tests.simulator.judging import oracle_case

IS_LONG: Final = settings().max_examples > 1_000
STANDING: Final = {"N5", "N6", "T4", "H1", "H3"}
"""Rules whose counts do not add up over periods (rules.md section 3)."""

quick = settings(max_examples=60 if IS_LONG else 2, suppress_health_check=list(HealthCheck))
once = settings(quick, max_examples=quick.max_examples // 2)
thorough = settings(quick, max_examples=200 if IS_LONG else 25)
few_seeds = st.integers(0, 2**32 if IS_LONG else 9)
seeds = st.integers(0, 2**32)


@cache
def province(seed: int) -> Case:
    """A random province; Hypothesis tries a seed again, and several laws ask for the same."""
    return random_case(random.Random(f"law {seed}"))


@cache
def judged(seed: int) -> Answer:
    """What the judge says of it as it is."""
    return fast_answer(province(seed))


def same_told_otherwise(seed: int, told: Case) -> None:
    """The province was told in another way, and the answer is the same."""
    assert told.logs != province(seed).logs
    assert differences(judged(seed), fast_answer(told)) == []


def order_does_not_matter(seed: int) -> None:
    """Of rows, of pages and of agencies."""
    same_told_otherwise(seed, laws.reordered(province(seed), random.Random(seed)))


def decomposed_text_is_the_same(seed: int) -> None:
    """NFC and NFD."""
    same_told_otherwise(seed, laws.respelt(province(seed), laws.decomposed))


def all_dashes_are_the_same(seed: int) -> None:
    """`-`, `–` and what else typists put."""
    same_told_otherwise(seed, laws.respelt(province(seed), laws.other_dashes(random.Random(seed))))


def leading_zeros_do_not_matter(seed: int) -> None:
    """`04` and `4`."""
    same_told_otherwise(seed, laws.respelt(province(seed), laws.other_zeros))


def an_alias_is_its_agency(seed: int) -> None:
    """Every code written as one of the agency's other codes."""
    spell = laws.by_alias(province(seed), random.Random(seed))
    same_told_otherwise(seed, laws.respelt(province(seed), spell))


def no_rule_looks_past_as_of(seed: int) -> None:
    """What came later may be told or not; seen from a day in the middle, there is a lot of it."""
    case = province(seed)
    case = laws.seen_on(case, case.start + timedelta(days=random.Random(seed).randint(1, 4)))
    cut = laws.without_what_came_later(case)
    assert len(cut.logs) < len(case.logs)
    assert differences(fast_answer(cut), fast_answer(laws.with_a_future(case))) == []


def consecutive_periods_add_up(seed: int) -> None:
    """They share nothing and lose nothing."""
    case = province(seed)
    assume((case.end - case.start).days > 1)
    whole, (first, second) = judged(seed), [fast_answer(half) for half in laws.halves(case, random.Random(seed))]
    found, of_first, of_second = (
        {key for key in one.findings if key[0] not in STANDING} for one in (whole, first, second)
    )
    assert found == of_first | of_second
    assert not of_first & of_second
    for key in whole.outcomes.keys() | first.outcomes.keys() | second.outcomes.keys():
        if key[0] not in STANDING:
            added = np.add(counts(first, key), counts(second, key))
            assert counts(whole, key) == tuple(added), key


def counts(answer: Answer, key: tuple[str, str]) -> tuple[int, int, int]:
    """tested, breaches, not_decided"""
    tested, breaches, _, not_decided, _ = answer.outcomes.get(key, (0, 0, 0, 0, ""))
    return tested, breaches, not_decided


def a_document_made_compliant_adds_no_finding(seed: int) -> None:
    """Told anew as a good office would have handled it, it has no finding, and gives none to any other document."""
    mended = laws.made_compliant(province(seed), random.Random(seed))
    assume(mended is not None)
    assert mended is not None
    case, key = mended
    found = fast_answer(case).findings
    assert [finding for finding in found.items() if finding[1].items() >= key.items()] == []
    assert found.keys() <= judged(seed).findings.keys()


def shards_judged_apart_are_all_at_once(seed: int) -> None:
    """To the last column of every frame."""
    case, number = province(seed), 2 + seed % 4
    facts = facts_of(case)
    with TemporaryDirectory() as folder:
        log = stored(case, facts, Path(folder))
        together, apart = (judge(inputs_of(facts, log, shards), *dates_of(facts)) for shards in (1, number))
    for name in ("findings", "outcomes", "indicators", "outages", "systems"):
        pd.testing.assert_frame_equal(getattr(apart, name), getattr(together, name))
    assert apart.notes == together.notes
    assert apart.suspected == together.suspected


def stored(case: Case, facts: Facts, root: Path) -> Log:
    """The case's pages as a log on disk."""
    log, normaliser = Log(root), Normaliser(facts.policy.placeholders.values)
    found: dict[tuple[date, str], dict[str, pa.Table]] = defaultdict(dict)
    for number, page in enumerate(case.logs, start=1):
        items = json.dumps(page["rows"], ensure_ascii=False, default=str).encode()
        agency, day = facts.registry.canonical_code(page["agency"]), date.fromisoformat(page["day"])
        read = conform(
            page["table"], [PageItems(f"{number:064x}", number, items)], Origin(agency, day), facts.registry, normaliser
        )
        found[day, agency] |= read.tables
    for (day, agency), tables in found.items():
        log.replace(day, agency, tables)
    return log


def inputs_of(facts: Facts, log: Log, shards: int) -> JudgeInputs:
    audit = facts.settings.audit
    judging = audit.judge.model_copy(update={"shards": shards, "workers": 1})
    changed = facts.settings.model_copy(update={"audit": audit.model_copy(update={"judge": judging})})
    return JudgeInputs(changed, facts.registry, facts.calendar, log, facts.frames.coverage, facts.frames.probes)


def dates_of(facts: Facts) -> tuple[date, date, date]:
    period = facts.period
    return date_of(period.start_day), date_of(period.end_day), date_of(period.as_of_day)


LAWS: Final[Mapping[str, Callable[[int], None]]] = {
    law.__name__: law
    for law in (
        order_does_not_matter,
        decomposed_text_is_the_same,
        all_dashes_are_the_same,
        leading_zeros_do_not_matter,
        an_alias_is_its_agency,
        no_rule_looks_past_as_of,
        consecutive_periods_add_up,
        a_document_made_compliant_adds_no_finding,
        shards_judged_apart_are_all_at_once,
    )
}


@pytest.mark.parametrize("name", LAWS)
def test_law(name: str) -> None:
    # the shards are judged twice, from a log on disk
    tried = once if name == shards_judged_apart_are_all_at_once.__name__ else quick
    tried(given(few_seeds)(LAWS[name]))()


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("name", LAWS)
def test_law_on_many_provinces(name: str) -> None:
    thorough(given(seeds)(LAWS[name]))()


@cache
def consistent(plant: bool) -> Case:
    """A simulated province: both sides' logs agree, and a row is written once."""
    options = SimulationOptions(
        seed=5,
        agencies=5,
        documents_per_day=5,
        mean_recipients=4,
        history_weeks=0,
        lead_in_days=7,
        plant=plant,
        outage=False,
        partial=False,
    )
    return oracle_case(simulate(options), options.start, options.end, options.end)


@cache
def consistent_answer(plant: bool) -> Answer:
    """What is found in it."""
    return fast_answer(consistent(plant))


def a_missing_day_creates_no_finding_but_h2(plant: bool, seed: int) -> None:
    """No data is neither breach nor compliance.

    Of provinces whose logs contradict each other, and of days that held an entry's correction, this cannot be said: where the day that is
    lost held the newer version of a row, or a trace outside of the days that a rule needs (rules.md, *Coverage*), the older version or the
    other log is all there is. Nor can it of T4 where the day is before the period, of which alone it needs the register: numbers of that
    day are missing before the period's first.
    """
    known = consistent_answer(plant)
    case, day = laws.with_lost_day(consistent(plant), random.Random(seed))
    told_apart = {"H2", "T4"} if day < case.start else {"H2"}
    found = fast_answer(case).findings.keys() - known.findings.keys()
    assert {key for key in found if key[0] not in told_apart} == set()


@pytest.mark.parametrize("plant", [False, True], ids=["compliant", "planted"])
def test_a_missing_day_creates_no_finding_but_h2(plant: bool) -> None:
    assert bool(consistent_answer(plant).findings) == plant
    once(given(few_seeds)(lambda seed: a_missing_day_creates_no_finding_but_h2(plant, seed)))()


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("plant", [False, True], ids=["compliant", "planted"])
def test_no_missing_day_at_all_creates_a_finding_but_h2(plant: bool) -> None:
    settings(thorough, max_examples=100)(
        given(seeds)(lambda seed: a_missing_day_creates_no_finding_but_h2(plant, seed))
    )()


def what_a_doubtful_day_takes_away_is_suspected(seed: int) -> None:
    """So that the ledger does not call it mended. G2 apart: of a recipient whose log is not whole the sender's `done` is believed."""
    part = judge_part(facts_of(laws.with_doubtful_day(consistent(True), random.Random(seed))))
    gone = {key for key in consistent_answer(True).findings if key[0] not in {"G2", "H2"}}
    gone -= set(zip(part.findings["code"], part.findings["agency"], part.findings["finding_id"], strict=True))
    assert {finding_id for *_, finding_id in gone} <= part.suspected
    assert not part.suspected & set(part.findings["finding_id"])


def test_what_a_doubtful_day_takes_away_is_suspected() -> None:
    assert judge_part(facts_of(consistent(True))).suspected == frozenset()
    once(given(few_seeds)(what_a_doubtful_day_takes_away_is_suspected))()
