"""On a simulated province every planted breach is explained, whatever its rule: with ground, verdict, blame and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.evidence import Evidence
from audit.explain.layout import COLUMNS, as_text
from audit.explain.raw_lines import RawLines
from audit.explain.story import Judged, Past, Sources, explain_finding
from audit.explain.wording import Wording
from audit.law import LawBook
from audit.rule import Rule
from audit.rules import CATALOGUE
from audit.simulator import SimulationOptions, simulate
from tests.agreement import facts_of
from tests.simulator.judging import oracle_case

PROVINCE = SimulationOptions(
    seed=3, agencies=12, documents_per_day=24, history_weeks=0, lead_in_days=21, file_agencies=4
)
"""The smallest in which every rule is broken in one week."""
PAST = Past(None, "new", {}, PROVINCE.end)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    facts = facts_of(oracle_case(simulate(PROVINCE), PROVINCE.start, PROVINCE.end, PROVINCE.end))
    nowhere: Path = tmp_path_factory.mktemp("evidence")
    return Sources(facts, LawBook(facts.settings.law, facts.policy), RawLines(Evidence(nowhere), facts.registry))


@pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.code)
def test_a_finding_of_every_rule(rule: Rule, sources: Sources) -> None:
    judged = Judged.by(rule, sources)
    assert len(judged.readable), "nothing planted"
    for finding_id, finding in judged.readable.iterrows():
        told = explain_finding(sources, judged, str(finding_id), PAST)
        names = [section.name for section in told.sections]
        assert {"rule", "grounds", "verdict", "blame", "remedy"} <= set(names)
        verdict = next(section.steps for section in told.sections if section.name == "verdict")
        assert verdict[1].key.startswith(f"verdict.{rule.id}.breach")
        blame = next(section.steps for section in told.sections if section.name == "blame")
        assert blame[0].values["agency"].code == finding["agency"]
        lines = as_text([told], Wording(sources.facts.settings.labels)).splitlines()
        assert max(map(len, lines)) <= COLUMNS
