"""The simulated files: real signatures, every kind of bad, and what is found of them equals what was planted."""

from __future__ import annotations

import http.client
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import date
from hashlib import sha256
from urllib.parse import urlsplit

import pytest

from audit.engine import judge_part
from audit.facts import Facts
from audit.facts.checked import Verified
from audit.settings import load_settings
from audit.signatures import FileFacts, Trust
from audit.signatures.reading import FileReader
from audit.simulator import Province, SimulationOptions, serve, simulate
from audit.simulator.model import File
from tests.agreement import facts_of
from tests.simulator.judging import oracle_case

OPTIONS = SimulationOptions(
    seed=11, agencies=8, documents_per_day=24, history_weeks=0, lead_in_days=7, file_agencies=4, probe_minutes=0
)


@pytest.fixture(scope="module")
def province() -> Province:
    return simulate(OPTIONS)


@pytest.fixture(scope="module")
def trust(province: Province, tmp_path_factory: pytest.TempPathFactory) -> Trust:
    folder = tmp_path_factory.mktemp("trust")
    for name, content in province.trust.items():
        (folder / name).write_bytes(content)
    return Trust.read(folder, [agency.name for agency in province.agencies])


@pytest.fixture(scope="module")
def known(province: Province, trust: Trust) -> dict[str, FileFacts]:
    """What verification says of every file."""
    reader = FileReader(trust)
    papers = {name: content for held in province.papers.values() for name, content in held.items()}
    return {name: reader.verify(content) for name, content in papers.items()}


def findings(province: Province, known: dict[str, FileFacts] | None) -> set[str]:
    facts = facts_of(oracle_case(province, OPTIONS.start, OPTIONS.end, OPTIONS.end))
    files = facts.frames.files.drop(columns="missing_components")
    frames = replace(facts.frames, files=files, verified=None if known is None else Verified.of(known))
    dates: tuple[date, date, date] = (OPTIONS.start, OPTIONS.end, OPTIONS.end)
    judged = judge_part(Facts(facts.settings, facts.registry, facts.calendar, frames, dates))
    return set(judged.findings["finding_id"])


def test_findings_on_the_files_equal_the_truth(province: Province, known: dict[str, FileFacts]) -> None:
    truth = {item.finding_id: item for item in province.truth_for(OPTIONS.start, OPTIONS.end)}
    found = findings(province, known)
    assert {truth[missed] for missed in truth.keys() - found} == set()
    assert found - truth.keys() == set()
    assert not [item for item in province.near_misses if item.finding_id in found]


def test_the_logs_alone_tell_another_story(province: Province) -> None:
    truth = {item.finding_id for item in province.truth_for(OPTIONS.start, OPTIONS.end)}
    found, spared = findings(province, None), {item.finding_id for item in province.near_misses}
    assert len(truth - found) > 5
    assert found & spared


def test_every_kind_of_bad_is_among_them(province: Province, known: dict[str, FileFacts]) -> None:
    held = {name for papers in province.papers.values() for name in papers}
    documents = [one for one in province.documents if any(file.sha256 in held for file in one.files or ())]
    keys = {(one.sender, one.number, one.notation) for one in documents}
    rules = {item.rule for item in province.truth if (item.sender, item.number, item.notation) in keys}
    assert rules >= {
        "unsigned", "missing_signing_party", "signing_order", "invalid_certificate", "broken_integrity", "missing_timestamp",
        "unsigned_attachment", "signer_certificate_mismatch", "missing_component",
    }  # fmt: skip
    told = Counter(one.time_origin for facts in known.values() for one in facts.signatures)
    assert told["token"] > told["dictionary"] > 0
    unread = {facts.reason for facts in known.values() if not facts.is_read}
    assert len(unread) == 1
    assert any(facts.is_read and facts.wording is None for facts in known.values())


def test_certificates_lead_to_the_trusted_roots(known: dict[str, FileFacts]) -> None:
    chains = Counter(one.chain for facts in known.values() for one in facts.signatures)
    assert set(chains) <= {"trusted", "no_anchor"}
    assert chains["trusted"] > 50
    assert {one.timestamp_chain for facts in known.values() for one in facts.signatures if one.timestamp_at} == {
        "trusted"
    }


def test_hashes_and_sizes_are_those_of_the_logs(province: Province) -> None:
    files: dict[str, File] = {file.sha256: file for one in province.documents for file in one.files or ()}
    for papers in province.papers.values():
        for name, content in papers.items():
            assert name == sha256(content).hexdigest()
            assert files[name].size_bytes == len(content)


def test_equal_options_give_equal_files() -> None:
    few = replace(OPTIONS, agencies=5, documents_per_day=6, file_agencies=2)
    first, second = simulate(few), simulate(few)
    assert first.papers
    assert (first.papers, first.trust) == (second.papers, second.trust)


def test_agencies_that_allow_it_serve_their_files(province: Province) -> None:
    giver = next(iter(province.papers))
    name, content = next(iter(province.papers[giver].items()))
    with serve(province) as served:
        settings = load_settings(served.config)
        sources = {agency.code: agency.source for agency in settings.agencies if agency.source}
        assert {code for code, source in sources.items() if source.files} == set(province.papers)
        assert len(list((served.config / "trust").iterdir())) == len(province.trust)

        def asked(agency: str, path: str, token: str) -> tuple[int, bytes]:
            address = urlsplit(served.base_urls[agency]).netloc
            with closing(http.client.HTTPConnection(address, timeout=30)) as connection:
                connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
                answer = connection.getresponse()
                return answer.status, answer.read()

        other = next(code for code in served.tokens if code not in province.papers)
        assert asked(giver, f"/v1/files/{name}", served.tokens[giver]) == (200, content)
        assert asked(giver, f"/v1/files/{'0' * 64}", served.tokens[giver])[0] == 404
        assert asked(giver, f"/v1/files/{name}", "wrong")[0] == 401
        assert asked(other, f"/v1/files/{name}", served.tokens[other])[0] == 404


def test_without_the_option_there_are_no_files() -> None:
    plain = simulate(replace(OPTIONS, agencies=4, documents_per_day=4, file_agencies=0))
    assert (plain.papers, plain.trust) == ({}, {})
