"""The folder of rules is the catalogue: what every rule's file holds, and what stands beside it."""

import importlib
import inspect
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from audit.catalogue import RULE_ID_OF
from audit.rule import Rule, Verdicts
from audit.rules import CATALOGUE, RULES
from audit.settings import load_settings
from tests.rules.harness import Case, Judged, judge_case

FOLDER = Path(__file__).parent
SECTIONS = ("Basis", "Population", "Breach", "No breach")
CITES = re.compile(r"Điều|Phụ lục|letter 814|Nghị quyết|policy|contract", re.IGNORECASE)
CASES_OF = {"overdue_send": "late_send", "late_acknowledgement": "unanswered_receipt"}
"""Rules whose cases stand in the table of another: one row says what both find."""
ids = [rule.id for rule in CATALOGUE]


def module(rule: Rule) -> object:
    return importlib.import_module(f"audit.rules.{rule.id}")


def test_it_is_the_catalogue_of_rules_md() -> None:
    assert [rule.code for rule in CATALOGUE] == list(RULE_ID_OF)


@pytest.mark.parametrize("rule", CATALOGUE, ids=ids)
def test_the_docstring_is_the_documentation(rule: Rule) -> None:
    text = inspect.getdoc(module(rule)) or ""
    title, _, body = text.partition("\n\n")
    assert title.startswith(f"{rule.code} – "), "the first line: code, Vietnamese title, what it is"
    places = [
        body.find(f"{section}:") if place == 0 else body.find(f"\n{section}") for place, section in enumerate(SECTIONS)
    ]
    assert places == sorted(places), "the sections in their order"
    assert -1 not in places, "every section"
    basis = body[: places[1]]
    assert CITES.search(basis), "Basis cites a clause, or says that it is policy"


@pytest.mark.parametrize("rule", CATALOGUE, ids=ids)
def test_id_title_and_law(rule: Rule) -> None:
    settings = load_settings()
    assert RULES[rule.id] is rule
    assert rule.id in settings.law.rules, "a citation in law.toml"
    assert settings.labels.rules[rule.id].title in (inspect.getdoc(module(rule)) or ""), "the title that readers see"
    assert rule.follows_topic or rule.member in {"series", "agency", "day", "endpoint"}


@pytest.mark.parametrize("rule", CATALOGUE, ids=ids)
def test_judge_says_what_comes_back(rule: Rule) -> None:
    assert inspect.getdoc(rule.judge)
    assert inspect.signature(rule.judge, eval_str=False).return_annotation == Verdicts.__name__


@pytest.mark.parametrize("rule", CATALOGUE, ids=ids)
def test_its_cases_hold_a_breach_and_a_near_miss(rule: Rule) -> None:
    values = list(plain(vars(importlib.import_module(f"tests.rules.test_{CASES_OF.get(rule.id, rule.id)}")).values()))
    expected = [value for value in values if isinstance(value, Judged)]
    cases = [value for value in values if isinstance(value, Case)]
    said = [judge_case(case, rule.id) for case in cases] if rule.id in CASES_OF or not expected else expected
    assert any(one.findings for one in said), "a breach"
    near = [one for one in said if not one.findings and any(tested for tested, _, _ in one.counts.values())]
    assert near, "a near miss: tested, and no breach"


def plain(values: Iterable[object]) -> Iterator[object]:
    """Values, and what lists and tuples among them hold; a named tuple is one value."""
    for value in values:
        if type(value) in {list, tuple}:
            yield from plain(value)
        else:
            yield value


def test_every_file_of_cases_is_of_a_rule() -> None:
    of_rules = {f"test_{rule_id}.py" for rule_id in RULES}
    others = {path.name for path in FOLDER.glob("test_*.py")} - of_rules
    assert others == {"test_catalogue.py", "test_last_day.py"}
