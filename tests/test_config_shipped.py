"""The shipped ``config/``: complete, explained, and nothing in it that must not be printed."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from audit.catalogue import CODES, RULE_ID_OF, RULE_IDS
from audit.settings import SHIPPED, Agency, SourceSettings
from audit.settings.deployment import AuditSettings
from audit.settings.policy import Policy
from audit.settings.registers import Recipient, Signer, Waiver
from reports.xlsx_detail import _WORKLIST

FILES = sorted(SHIPPED.glob("*.toml"))


def text_of(name: str) -> str:
    return (SHIPPED / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_is_nfc_and_begins_with_its_explanation(path: Path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert unicodedata.is_normalized("NFC", text)


def test_every_file_of_the_design_is_there():
    names = {
        "agencies",
        "audit",
        "calendar",
        "document_types",
        "labels.vi",
        "law",
        "recipients",
        "rules",
        "signers",
        "topics",
        "waivers",
    }
    assert {path.name.removesuffix(".toml") for path in FILES} == names


def keys_of(model: BaseModel, prefix: str = "") -> Iterator[str]:
    """All keys of a section, tables inside included."""
    for key in type(model).model_fields:
        value = getattr(model, key)
        if isinstance(value, BaseModel):
            yield from keys_of(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def test_what_is_shipped_as_policy_are_the_defaults(shipped):
    assert shipped.policy == Policy()


def test_every_key_of_rules_is_written_out_with_its_comment():
    lines = text_of("rules.toml").splitlines()
    keys = {key.split(".")[1] for key in keys_of(Policy()) if "." in key}
    assert {"backlog_working_days", "accepted_issuers", "signed_by_both", "urgent_send_minutes"} <= keys
    for key in keys:
        (place,) = [number for number, line in enumerate(lines) if line.startswith(f"{key} = ")]
        above = place - 1
        while re.match(r"\w+ = ", lines[above]):  # neighbours may share a comment
            above -= 1
        assert lines[above].startswith("#"), key


def test_every_key_of_the_deployment_is_written_out():
    text = text_of("audit.toml")
    for key in keys_of(AuditSettings()):
        assert re.search(rf"^(# )?{key.split('.')[-1]} = ", text, re.MULTILINE), key


def test_what_audit_toml_shows_are_the_defaults_outside_mail_and_report(shipped):
    for section in ("storage", "schedule", "pull", "judge", "retention"):
        assert getattr(shipped.audit, section) == getattr(AuditSettings(), section)


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("agencies.toml", Agency),
        ("agencies.toml", SourceSettings),
        ("signers.toml", Signer),
        ("waivers.toml", Waiver),
        ("recipients.toml", Recipient),
    ],
)
def test_the_comments_name_every_key_of_an_entry(name, model):
    comments = "\n".join(line for line in text_of(name).splitlines() if line.startswith("#"))
    for key in model.model_fields.keys() - {"source"}:
        assert re.search(rf"\b{key}\b", comments), key


def test_the_examples_in_comments_are_valid(tmp_path):
    """What the comments show can be taken over by removing the ``#``."""
    for name, head in (
        ("signers.toml", "[[signers]]"),
        ("waivers.toml", "[[waivers]]"),
        ("recipients.toml", "[[recipients]]"),
    ):
        lines = text_of(name).splitlines()
        start = lines.index(f"# {head}")
        shown = "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines[start:] if line.startswith("#"))
        entries = tomllib.loads(shown)[head.strip("[]")]
        model = {"signers": Signer, "waivers": Waiver, "recipients": Recipient}[head.strip("[]")]
        assert [model.model_validate(entry) for entry in entries]


# -- facts ------------------------------------------------------------------------------------------------------------


def test_the_registry_is_the_letters_addressees(shipped):
    assert len(shipped.agencies) == 34
    assert (shipped.province.code, shipped.province.place, shipped.province.successor) == ("H03", "Bắc Kạn", "H55")
    kinds = [agency.kind for agency in shipped.agencies]
    counts = {kind: kinds.count(kind) for kind in set(kinds)}
    assert counts == {
        "people_committee_province": 1,
        "department": 19,
        "people_committee_district": 8,
        "mass_organisation": 6,
    }
    assert not any(agency.is_pulled for agency in shipped.agencies)


def test_there_are_29_kinds_of_document(shipped):
    types = shipped.document_types
    assert len(types.kinds) + len(types.without_abbreviation.kinds) == 29
    assert types.kinds["TTr"] == "Tờ trình"
    assert set(types.copies) == {"SY", "TrS", "SL"}


def test_days_off_and_worked_by_year(shipped):
    assert {year: len(days) for year, days in shipped.calendar.days_off.items()} == {
        "2021": 11,
        "2022": 11,
        "2023": 11,
        "2024": 12,
        "2025": 12,
        "2026": 14,
    }
    assert {day.isoformat() for day in shipped.calendar.worked} == {
        "2024-05-04",
        "2025-04-26",
        "2026-01-10",
        "2026-08-22",
    }


@pytest.mark.parametrize("code", CODES)
def test_every_rule_has_a_title_and_a_remedy(shipped, code):
    label = shipped.labels.rules[RULE_ID_OF[code]]
    for text in (label.title, label.check, label.remedy):
        assert text[0].isupper()
        assert not text.removesuffix(" Q.").endswith((".", "!"))
    assert len(label.title) <= 60


def test_titles_are_all_different(shipped):
    titles = [label.title for label in shipped.labels.rules.values()]
    assert len(set(titles)) == len(titles) == len(RULE_IDS) == 44


def test_group_names_can_be_names_of_sheets(shipped):
    for name in shipped.labels.groups.values():
        assert len(name) <= 31
        assert not set(name) & set("[]:*?/\\")


def test_words_for_all_that_a_column_can_hold(shipped):
    labels = shipped.labels
    assert set(labels.outcomes) == {"PASS", "FAIL", "NOT_TESTED"}
    assert set(labels.severities) == {"critical", "high", "medium", "low"}
    assert set(labels.states) == {"new", "open", "resolved", "reopened", "waived"}
    assert set(labels.coverage) == {"complete", "partial", "missing", "not_due"}
    assert set(labels.urgency) == {"thuong", "khan", "thuong_khan", "hoa_toc"}
    assert set(labels.secrecy) == {"thuong", "mat", "toi_mat", "tuyet_mat"}
    assert set(labels.statuses) == {"01", "02", "03", "04", "05", "06", "13", "15", "16"}
    assert set(labels.kinds) >= {agency.kind for agency in shipped.agencies}
    assert set(labels.fields) >= set(shipped.policy.required.fields)
    assert list(labels.worklist.values()) == ["STT", *(column.head for column, _ in _WORKLIST)]
    assert len(labels.figures) == 6


def test_recalled_or_interpreted_law_is_not_cited(shipped):
    assert {provision.sure for provision in shipped.law.provisions} == {"T", "S"}
    # not seen (law.md section 9): article numbers of QĐ 28/2018 other than 1, 6, 9; clauses inside Điều 6 and Điều 9
    places = {provision.place for provision in shipped.law.provisions if provision.instrument == "qd28"}
    assert places == {"khoản 2 Điều 1", "Điều 6", "Điều 9"}


def test_every_provision_and_policy_is_cited_by_some_rule(shipped):
    cited = {ground for grounds in shipped.law.rules.values() for ground in grounds}
    written = {provision.id for provision in shipped.law.provisions} | {policy.id for policy in shipped.law.policies}
    assert written == cited


def test_no_secret_and_no_real_address_is_shipped():
    for path in FILES:
        for host in re.findall(r"(?:https?://|@)([\w.-]+\.\w+)", path.read_text(encoding="utf-8")):
            assert host.endswith(".example"), (path.name, host)
