"""Labels, citations and other texts of the settings are printed as they are: none is a template, none is a format."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest

from audit.errors import ConfigError
from audit.settings import SHIPPED, load_settings
from reports import html, mail
from reports.view import build_view
from tests.reports.province import make_inputs

JINJA = "{{ 7 * 191 }}{% raw %}{{ ''.__class__.__mro__ }}"


def test_the_danger_a_text_taken_for_a_template_is_worked_out() -> None:
    assert jinja2.Environment(autoescape=True).from_string(JINJA.partition("{%")[0]).render() == "1337"
    assert "<class" in f"{(1).__class__.__mro__}"


def test_labels_are_no_templates() -> None:
    given = make_inputs(findings=40)
    rules = tuple(
        type(rule)(**{**{name: getattr(rule, name) for name in rule.__slots__}, "title": JINJA}) for rule in given.rules
    )
    view = build_view(type(given)(**{**{name: getattr(given, name) for name in given.__slots__}, "rules": rules}))
    page = html.page(view)
    assert JINJA.partition("''")[0] in page
    for text in (page, mail.letter_of(view).plain):
        assert "1337" not in text
        assert "<class" not in text


@pytest.mark.parametrize(
    "place",
    [
        "{value.__class__}",
        "{value.__init__.__globals__}",
        "{0}",
        "{secret}",
        "{value!r:>999999999}",
        "{value:>999999999}",
    ],
)
def test_citations_fill_their_own_places_only(tmp_path: Path, place: str) -> None:
    law = (SHIPPED / "law.toml").read_text(encoding="utf-8")
    assert "{value}" in law
    (tmp_path / "law.toml").write_text(law.replace("{value}", place), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path)
    assert {mistake.file for mistake in caught.value.mistakes} == {"law.toml"}
    assert all("places in braces" in mistake.allowed for mistake in caught.value.mistakes)
