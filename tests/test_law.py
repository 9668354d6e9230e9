from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.catalogue import RULE_IDS
from audit.law import LawBook
from audit.settings import load_settings
from audit.settings.policy import Limits, Policy
from audit.working_time import NO_DAY, day_number

SHIPPED = load_settings()
BOOK = LawBook(SHIPPED.law, SHIPPED.policy)
LETTER_814 = date(2021, 2, 4)


def texts(rule_id: str, day: date) -> list[str]:
    return [citation.text for citation in BOOK.citations(rule_id, day)]


@pytest.mark.parametrize(
    ("rule_id", "cited"),
    [
        ("late_send", ["Điều 6 Quyết định số 28/2018/QĐ-TTg"]),
        (
            "overdue_send",
            [
                "khoản 1 Điều 18 Nghị định số 30/2020/NĐ-CP",
                "điểm c khoản 2 Điều 4 Nghị định số 30/2020/NĐ-CP",
                "Điều 6 Quyết định số 28/2018/QĐ-TTg",
            ],
        ),
        (
            "late_urgent_send",
            [
                "khoản 1 Điều 18 Nghị định số 30/2020/NĐ-CP",
                "Điều 6 Quyết định số 28/2018/QĐ-TTg",
                "Chính sách kiểm tra của tỉnh: văn bản khẩn gửi trong 120 phút, thượng khẩn 60 phút, hỏa tốc 30 phút sau khi ký",
            ],
        ),
        ("signing_order", ["điểm d khoản 2 Điều 32 Nghị định số 30/2020/NĐ-CP"]),
        ("secret_on_axis", ["khoản 2 Điều 1 Quyết định số 28/2018/QĐ-TTg"]),
    ],
)
def test_what_a_rule_cites_on_the_day_of_the_letter(rule_id, cited):
    assert texts(rule_id, LETTER_814) == cited


def test_the_circular_on_signatures_ends_on_its_last_day():
    circular = "khoản 1 Điều 9 Thông tư số 41/2017/TT-BTTTT"
    policy = (
        "Chính sách kiểm tra của tỉnh: tiếp tục yêu cầu dấu thời gian sau khi Thông tư số 41/2017/TT-BTTTT hết hiệu lực"
    )
    assert texts("missing_timestamp", date(2018, 2, 4)) == []
    assert texts("missing_timestamp", date(2018, 2, 5)) == [circular]
    assert texts("missing_timestamp", date(2026, 11, 14)) == [circular]
    assert texts("missing_timestamp", date(2026, 11, 15)) == [policy]


def test_signature_law_changes_with_the_years():
    def law(day: date) -> set[str]:
        return {
            citation.ground_id for citation in BOOK.citations("invalid_certificate", day) if citation.basis == "law"
        }

    assert law(date(2020, 3, 4)) == {"nd130-d9"}
    assert law(date(2021, 2, 4)) == {"nd30-d21-k2-a", "nd130-d9"}
    assert law(date(2024, 8, 15)) == {"nd30-d21-k2-a", "nd130-d9", "nd68-d7"}
    assert law(date(2025, 4, 10)) == {"nd30-d21-k2-a", "nd68-d7"}


def test_letter_814_is_policy_and_ends_with_the_province():
    letters = [citation for citation in BOOK.all_of("failed_send") if "814" in citation.text]
    assert {citation.basis for citation in letters} == {"policy"}
    assert not [text for text in texts("failed_send", date(2025, 7, 1)) if "814" in text]


@pytest.mark.parametrize("rule_id", RULE_IDS)
def test_every_rule_cites_something_on_every_day_since_the_decree(rule_id):
    first, last = day_number(date(2020, 3, 5)), day_number(date(2030, 12, 31))
    assert all(BOOK.citations_for(rule_id, np.arange(first, last, dtype=np.int32)))


def test_policy_is_told_with_the_value_that_is_set():
    policy = Policy(limits=Limits(backlog_working_days=7))
    found = LawBook(SHIPPED.law, policy).citations("backlog", LETTER_814)[-1]
    assert (found.basis, found.text) == (
        "policy",
        "Chính sách kiểm tra của tỉnh: văn bản không ghi thời hạn là tồn đọng sau 7 ngày làm việc",
    )


def test_no_citation_has_an_open_place_or_a_code_word():
    for rule_id in RULE_IDS:
        for citation in BOOK.all_of(rule_id):
            assert not set("{}_") & set(citation.text)
            assert citation.text == citation.text.strip()
            assert citation.text.startswith("Chính sách") is (
                citation.basis == "policy" and "Công văn" not in citation.text
            )


@given(st.sampled_from(RULE_IDS), st.lists(st.dates(date(2017, 1, 1), date(2030, 1, 1)), max_size=20))
def test_many_days_at_once_as_one_by_one(rule_id, days):
    numbers = np.array([day_number(day) for day in days], dtype=np.int32)
    assert BOOK.citations_for(rule_id, numbers) == [tuple(texts(rule_id, day)) for day in days]


def test_days_of_one_interval_share_one_answer():
    days = np.arange(day_number(LETTER_814), day_number(LETTER_814) + 30, dtype=np.int32)
    assert len({id(cited) for cited in BOOK.citations_for("failed_send", days)}) == 1


def test_a_missing_day_cites_what_has_no_beginning():
    (cited,) = BOOK.citations_for("backlog", np.array([NO_DAY], dtype=np.int32))
    assert cited == ("Chính sách kiểm tra của tỉnh: văn bản không ghi thời hạn là tồn đọng sau 10 ngày làm việc",)


def test_a_provision_says_what_it_demands():
    assert BOOK.gist("nd30-d21-k2-c") == "Nơi nhận thông báo ngay trong ngày cho nơi gửi về việc đã nhận văn bản"
    assert BOOK.gist("undelivered-hours") == ""
    with pytest.raises(KeyError):
        BOOK.citations("late", LETTER_814)


def test_days_beside_an_edge():
    edge = date(2025, 6, 30)  # the letter's last day
    days = np.array([day_number(edge + timedelta(days=step)) for step in (-1, 0, 1)], dtype=np.int32)
    before, on, after = BOOK.citations_for("failed_send", days)
    assert before == on
    assert len(after) == len(on) - 2
