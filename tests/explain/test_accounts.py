"""Every account is held against its rule on random provinces: what it says of anchor, deadline, population and doubt is what the rule does."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from audit.evidence import Evidence
from audit.explain.account import Timeline
from audit.explain.accounts import account_of
from audit.explain.layout import COLUMNS, as_json, as_text
from audit.explain.raw_lines import RawLines
from audit.explain.story import Judged, Past, Sources, explain_finding, explain_target
from audit.explain.target import Target
from audit.explain.wording import Wording
from audit.facts import Facts
from audit.law import LawBook
from audit.rule import Rule
from audit.rules import CATALOGUE
from tests.agreement import facts_of
from tests.oracle.random_province import random_case

ABOUT_DOCUMENTS = [rule for rule in CATALOGUE if rule.group != "H"]
SEEDS = range(2)
QUESTIONS = 6
"""Asked of each rule and province."""
UNRECORDED = Past(None, "new", {}, date(2021, 2, 8))


@pytest.fixture(scope="module", params=SEEDS)
def facts(request: pytest.FixtureRequest) -> Facts:
    return facts_of(random_case(random.Random(f"explain {request.param}")))


@pytest.fixture
def sources(facts: Facts, tmp_path: Path) -> Sources:
    """The facts, and an evidence that has lost every page."""
    return Sources(facts, LawBook(facts.settings.law, facts.policy), RawLines(Evidence(tmp_path), facts.registry))


def targets(rule: Rule, facts: Facts) -> list[Target]:
    """Whatever an inspector may ask about."""
    return [
        target
        for document in range(len(facts.documents))
        for target in account_of(rule).candidates(facts, document, None)
    ]


def timeline_of(rule: Rule, target: Target) -> Timeline | None:
    account = account_of(rule)
    return None if list(account.unfounded(target)) else account.timeline(target)


@pytest.mark.parametrize("rule", ABOUT_DOCUMENTS, ids=lambda rule: rule.code)
def test_the_account_agrees_with_the_rule(rule: Rule, facts: Facts) -> None:
    if not facts.policy.rule(rule.id).enabled:
        assert {account_of(rule).kept_out(target)[0].key for target in targets(rule, facts)} == {
            "kept_out.switched_off"
        }
        return
    members, account, met = rule.judge(facts).members, account_of(rule), set()
    for target in targets(rule, facts):
        timeline = timeline_of(rule, target)
        positions = [] if timeline is None else account.positions(target, members, timeline)
        assert positions or account.kept_out(target), (target, "no member, and no reason is told")
        if account.is_exact:
            assert not (positions and account.kept_out(target)), (target, account.kept_out(target))
        met |= set(positions)
        for row in positions:
            if rule.code != "T4":  # whose member is the series, anchored by the last number of the period
                times = members.anchored_at[row], members.deadline_at[row]
                assert (timeline.anchored_at, timeline.deadline_at) == times
            assert members.decided[row] or list(account.lacks(target, timeline)), (
                target,
                "undecided, and nothing lacks",
            )
    assert met == set(range(len(members))), "members that no question reaches"


@pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.code)
def test_every_finding_can_be_explained(rule: Rule, facts: Facts, sources: Sources) -> None:
    judged, wording = Judged.by(rule, sources), Wording(facts.settings.labels)
    for finding_id in judged.readable["finding_id"]:
        told = explain_finding(sources, judged, finding_id, UNRECORDED)
        finding = judged.readable.loc[finding_id]
        assert (told.outcome, told.finding_id) == ("breach", finding_id)
        grounds = next(section.steps for section in told.sections if section.name == "grounds")
        assert [step.values["text"] for step in grounds[:-1]] == finding["basis"]
        assert len(told.lines) == len(finding["evidence"])
        assert max(map(len, as_text([told], wording).splitlines())) <= COLUMNS
        assert finding_id in as_json([told], wording)


@pytest.mark.parametrize("rule", ABOUT_DOCUMENTS, ids=lambda rule: rule.code)
def test_every_question_is_answered_as_the_rule_decides(rule: Rule, facts: Facts, sources: Sources) -> None:
    judged, wording = Judged.by(rule, sources), Wording(facts.settings.labels)
    found, asked = set(), targets(rule, facts)
    for target in random.Random(rule.id).sample(asked, min(len(asked), QUESTIONS)):
        for told in explain_target(sources, judged, target, defaultdict(lambda: UNRECORDED)):
            assert as_text([told], wording)
            assert (told.outcome == "breach") == (told.finding_id is not None)
            found |= {told.finding_id} - {None}
    assert found <= set(judged.readable["finding_id"])
