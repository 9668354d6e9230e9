"""What a simulated province is like: reproducible, of the right size, believable, and full of planted breaches."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from audit.settings import load_settings
from audit.simulator import TABLES, Province, SimulationOptions, bench_options, simulate
from audit.simulator.clock import DAY, HOUR
from audit.simulator.offices import texts
from audit.simulator.truth import CODES
from audit.working_time import day_number
from tests.simulator.provinces import SMALL

FULL_DAYS = [date(2021, 1, 18) + timedelta(days=i) for i in range(21)]


def all_rows(province: Province) -> list[object]:
    return [
        province.rows(agency, day, table) for day in province.days() for agency in province.offices for table in TABLES
    ]


def sent(province: Province) -> list:
    return [document for document in province.documents if document.has_row and document.pairs]


def test_equal_options_give_equal_provinces_to_the_byte(small: Province) -> None:
    again = simulate(SMALL)
    assert all_rows(again) == all_rows(small)
    assert (again.truth, again.near_misses, again.probes, again.signers) == (
        small.truth,
        small.near_misses,
        small.probes,
        small.signers,
    )


def test_another_seed_gives_another_province(small: Province) -> None:
    assert all_rows(simulate(replace(SMALL, seed=4))) != all_rows(small)


def test_a_working_day_of_the_demonstration_has_the_volume_that_was_asked_for(demo: Province) -> None:
    first = day_number(demo.options.full_from)
    full = [document for document in sent(demo) if document.registered_at // DAY >= first]
    assert 15 * 52 <= len(full) <= 15 * 70
    assert 9 <= sum(len(document.pairs) for document in full) / len(full) <= 14
    # those who exchange with few get as few as two; nobody sends to more than the registry and a few outsiders
    assert max(len(document.pairs) for document in full) <= 41


def test_the_history_is_thinner_than_the_period(demo: Province) -> None:
    first = day_number(demo.options.full_from)
    thin = [document for document in sent(demo) if document.registered_at // DAY < first - 1]
    assert 0.2 <= len(thin) / 44 / 60 <= 0.4


def test_mail_is_sealed_in_office_hours_with_a_peak_in_the_morning_and_one_before_closing(demo: Province) -> None:
    hours = Counter(document.registered_at % DAY // HOUR for document in sent(demo))
    outside = sum(count for hour, count in hours.items() if hour < 7 or hour >= 18)
    assert outside / hours.total() < 0.08
    assert min(hours[9], hours[16]) > 1.3 * max(hours[12], hours[13])


def test_urgent_mail_comes_in_three_levels(demo: Province) -> None:
    levels = Counter(document.urgency for document in sent(demo))
    assert levels["khan"] > levels["thuong_khan"] > levels["hoa_toc"] > 5


def test_letter_814_goes_to_all_agencies_on_its_day(demo: Province) -> None:
    [letter] = [one for one in sent(demo) if (one.sender, one.number, one.notation) == ("H03", "814", "UBND-VXNV")]
    assert letter.issued_day == day_number(date(2021, 2, 4))
    assert [pair.recipient for pair in letter.pairs] == [agency.code for agency in demo.agencies[1:]]


def test_a_tenth_of_the_mail_is_of_the_priority_topic_and_nothing_else_looks_like_it(demo: Province) -> None:
    [topic] = load_settings(None).topics
    patterns = re.compile("|".join(topic.patterns))

    def folded(subject: str, *, accents: bool) -> str:
        text = re.sub(r"[\s\u2010-\u2015-]", "", subject.casefold())
        return (
            text if accents else "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
        )

    subjects = [(document.subject or "", document.topic) for document in sent(demo)]
    for accents in (True, False):
        assert [bool(patterns.search(folded(subject, accents=accents))) for subject, _ in subjects] == [
            topic for _, topic in subjects
        ]
    assert 0.07 <= sum(topic for _, topic in subjects) / len(subjects) <= 0.16


def test_dozens_of_subjects_from_many_fields() -> None:
    fields = texts()["fields"]
    assert len(fields) >= 12
    assert sum(len(field["letters"]) + len(field["typed"]) for field in fields) >= 90


def test_notations_are_of_the_forms_of_decree_30(demo: Province) -> None:
    printed = {f"{(document.number or '').zfill(2)}/{document.notation}" for document in sent(demo)}
    for form in (r"\d\d+/UBND-VXNV", r"\d\d+/QĐ-UBND", r"\d\d+/BC-SYT", r"\d\d+/TTr-S\w+", r"\d\d+/SKHĐT-\w+"):
        assert any(re.fullmatch(form, one) for one in printed), form


def test_outsiders_send_and_receive_but_have_no_log(demo: Province) -> None:
    outside = {"G22", "G01", "G12", "G17", "H14", "H41", "H49", "H55"}
    assert {pair.recipient for document in sent(demo) for pair in document.pairs} & outside
    assert {document.sender for document in demo.documents if not document.has_row} & outside
    assert not outside & set(demo.offices)


def test_a_whole_register_leaves_out_no_number_but_the_planted_ones() -> None:
    province = simulate(replace(SMALL, plant=False))
    series: dict[tuple[str, str], list[int]] = {}
    for document in province.documents:
        if (
            document.has_row
            and document.sender in ("H03.02", "H03.05")
            and document.issued_day >= day_number(date(2021, 1, 5))
        ):
            kind = "" if document.doc_type == "Công văn" else (document.notation or "").partition("-")[0]
            series.setdefault((document.sender, kind), []).append(int(document.number or 0))
    assert len(series) > 4
    for numbers in series.values():
        assert sorted(numbers) == list(range(min(numbers), max(numbers) + 1))


def test_every_rule_but_t5_is_planted_in_a_week_without_files(demo: Province) -> None:
    as_demo_command = simulate(SimulationOptions(history_weeks=2))
    for province in (demo, as_demo_command):
        truth = province.truth_for(province.options.start, province.options.end)
        assert {item.rule for item in truth} == set(CODES) - {"missing_component"}


def test_truth_ids_are_unique_and_no_near_miss_is_a_truth(demo: Province) -> None:
    ids = [item.finding_id for item in demo.truth]
    assert len(set(ids)) == len(ids) > 300
    assert not {item.finding_id for item in demo.near_misses} & set(ids)
    assert len({item.rule for item in demo.near_misses}) >= 25


def test_quiet_weeks_have_few_breaches(demo: Province) -> None:
    week = demo.truth_for(date(2020, 12, 7), date(2020, 12, 14))
    assert 1 <= len(week) <= 40


def test_without_planting_only_the_broken_log_services_are_in_the_truth() -> None:
    province = simulate(replace(SMALL, plant=False))
    assert {item.rule for item in province.truth} == {"missing_log"}
    assert province.near_misses == []
    assert all(probe["ok"] for probe in province.probes)


def test_nobody_who_has_no_whole_log_takes_part_in_a_planted_breach(demo: Province) -> None:
    unsafe = {failure.agency for failure in demo.failures} | set(demo.unpulled)
    touched = {
        code for item in demo.truth if item.rule != "missing_log" for code in (item.agency, item.sender, item.recipient)
    }
    assert not touched & unsafe


def test_a_big_province_has_a_hundred_thousand_pairs_a_day() -> None:
    province = simulate(replace(bench_options(), documents_per_day=500))  # a tenth of it, for the test's sake
    assert len(province.offices) == 150
    assert 9_000 <= sum(len(document.pairs) for document in sent(province)) <= 11_500


@pytest.mark.parametrize("wrong", [{"agencies": 2}, {"agencies": 151}, {"end": date(2021, 2, 1)}, {"running_hour": 25}])
def test_impossible_provinces_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match=r"agencies|period|hour"):
        SimulationOptions(**wrong)
