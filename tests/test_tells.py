"""What a kind of source cannot tell narrows its agency, and takes its agency out of the rules that need it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from audit.catalogue import RULE_ID_OF
from audit.errors import ConfigError
from audit.facts.agencies import AgencyIndex
from audit.registry import Registry
from audit.rule import Severity, Verdicts, findings, members
from audit.settings import Agency, load_settings
from audit.settings.tells import ALL_TABLES, TELLS, tells_of
from tests.sources.server import settings_of


def agency(kind: str, code: str = "H03", **changes: object) -> Agency:
    direction = changes.pop("direction", "")
    source = {
        "kind": kind,
        "base_url": "http://127.0.0.1:9",
        "token": "env:T",
        "secret": "env:S",
        "system_id": "s",
        "path": "/in",
        "direction": direction,
    }
    return Agency.model_validate({"code": code, "name": code, "kind": "other", "source": source, **changes})


def test_flags_and_tables_are_those_of_settings_and_kind_together() -> None:
    lgsp = agency("lgsp", register_whole=True, reports_completion=True)
    assert (lgsp.tables, lgsp.register_whole, lgsp.reports_completion, lgsp.reports_signatures) == (
        ("receipts", "statuses"),
        False,
        False,
        False,
    )
    assert agency("lgsp", tables=["statuses", "documents"]).tables == ("statuses",)
    api = agency("log_api", reports_forwarding=False, register_whole=True)
    assert (api.tables, api.reports_forwarding, api.reports_completion, api.register_whole) == (
        ALL_TABLES,
        False,
        True,
        True,
    )
    assert agency("register_file", direction="incoming", register_whole=True).tables == ("receipts",)


def test_an_agency_that_could_tell_nothing_is_a_mistake() -> None:
    with pytest.raises(ValidationError, match="its kind of source tells: receipts, statuses"):
        agency("lgsp", tables=["documents", "sends"])


def test_what_is_untold_names_rules_that_there_are() -> None:
    for kind in TELLS:
        assert tells_of(kind).untold_rules <= set(RULE_ID_OF.values())


def test_rules_leave_out_whose_log_cannot_tell() -> None:
    plain, register = agency("log_api", "H03.12"), agency("register_file", "H03.13")
    guest = Agency.model_validate({"code": "H03.14", "name": "x", "kind": "other", "log_of": "H03.13"})
    index = AgencyIndex(Registry(settings_of(plain, register, guest)), [pd.Series(["X99"])])
    assert index.untold("missing_information").tolist() == [False, True, True, False]
    assert not index.untold("malformed_notation").any()


def test_members_without_a_say_take_their_findings_with_them() -> None:
    blamed = np.array([0, 1, 0, 2])
    frame = members(blamed, np.ones(4, bool), np.array([True, True, False, True]), np.arange(4), Severity.LOW)
    verdicts = Verdicts(frame, findings(np.array([0, 1, 1, 3]), -1, np.array(["a", "b", "c", "d"], dtype=object)))
    left = verdicts.without(np.array([False, True, False]))
    assert left.members.anchored_at.tolist() == [0, 2, 3]
    assert (left.findings.member.tolist(), left.findings.extra.tolist()) == ([0, 2], ["a", "d"])
    assert verdicts.without(np.zeros(3, bool)) is verdicts


AXIS = {"name": "truc", "kind": "vxp", "base_url": "http://127.0.0.1:9", "system_id": "s", "secret": "env:S"}


def test_two_logs_tell_together_what_either_tells() -> None:
    both = agency("register_file", more_sources=[AXIS], register_whole=True)
    assert both.tables == ALL_TABLES
    assert (both.register_whole, both.reports_forwarding, both.reports_completion) == (True, True, False)
    assert "unanswered_receipt" not in both.untold_rules
    assert "secret_on_axis" not in both.untold_rules
    assert "late_urgent_send" not in both.untold_rules  # the register may tell when it was signed
    assert both.source_names == ("", "truc")
    assert both.through("truc").tables == ALL_TABLES
    assert both.through("").tables == ("documents", "receipts")
    assert both.through("truc").source.kind == "vxp"
    assert both.through("gone").source.kind == "register_file"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"name": "Trục"}, "agencies[1].more_sources[1].name"),
        ({"secret": ""}, "agencies[1].more_sources[1].secret"),
        ({"client_key": "/k"}, "agencies[1].more_sources[1].client_cert"),
    ],
)
def test_mistakes_in_a_further_log_name_it(tmp_path: Path, change: dict[str, str], key: str) -> None:
    with pytest.raises(ConfigError) as told:
        load_settings(config(tmp_path, {**AXIS, **change}))
    assert key in {mistake.key for mistake in told.value.mistakes}


def test_two_further_logs_have_names_of_their_own(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as told:
        load_settings(config(tmp_path, AXIS, AXIS))
    assert [mistake.key for mistake in told.value.mistakes] == ["agencies[1].more_sources[2].name"]
    assert load_settings(config(tmp_path, AXIS)).agencies[0].source_names == ("", "truc")


def config(folder: Path, *further: dict[str, str]) -> Path:
    blocks = [
        '[province]\ncode = "H03"\nname = "x"\nplace = "x"',
        '[[agencies]]\ncode = "H03"\nname = "x"\nkind = "other"',
    ]
    blocks.append('[agencies.source]\nkind = "register_file"\npath = "/in"')
    for source in further:
        lines = [f'{key} = "{value}"' for key, value in source.items() if value]
        blocks.append("\n".join(["[[agencies.more_sources]]", *lines]))
    (folder / "agencies.toml").write_text("\n".join(blocks) + "\n", encoding="utf-8")
    return folder
