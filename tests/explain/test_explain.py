"""`run_audit.py explain` on real data folders: golden texts, raw lines proved by their hashes, history, waivers, questions about documents.

Golden texts stand in `tests/explain/golden/`; UPDATE_GOLDEN=1 writes them anew, to be read before they are committed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
from datetime import date
from pathlib import Path

import pytest
import zstandard

from tests.deployment import TOKEN, Deployment
from tests.rules.harness import Row, document, file, receipt, send, signature, status

GOLDEN = Path(__file__).parent / "golden"
FEBRUARY = date(2021, 2, 1), date(2021, 2, 28)
UNDER_WAY = {"state": "processing", "state_at": None}

pytestmark = pytest.mark.usefixtures("process_restored")


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "a token of the tests")


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    return Deployment(tmp_path / "province")


def of(number: str, day: str) -> dict[str, str]:
    return {"number": number, "issued_date": day}


def before_tet() -> list[Row]:
    """Received a minute before the office closes for Tết, acknowledged at once, passed on by nobody."""
    key = of("21", "2021-02-09")
    return [
        document(**key, signed_at="2021-02-09 15:00", files=[]),
        send(**key, sent_at="2021-02-09 16:58", **UNDER_WAY),
        receipt(**key, arrived_at="2021-02-09 16:59"),
        status("03", "2021-02-09 16:59:30", **key),
        status("03", "2021-02-09 16:59:30", log="H03.02", **key),
    ]


def lost() -> list[Row]:
    """Sent twice, never seen at the recipient; about the epidemic, which raises the severity."""
    key = of("814", "2021-02-04")
    return [
        document(**key, subject="V/v phòng, chống dịch COVID-19", signed_at="2021-02-04 15:20"),
        send(
            **key,
            sent_at="2021-02-04 15:41:02",
            state="fail",
            state_at="2021-02-04 15:42",
            error_code="E504",
            error_message="Hết thời gian chờ",
        ),
        send(**key, attempt=2, sent_at="2021-02-05 08:00", **UNDER_WAY),
    ]


def expired() -> list[Row]:
    """Signed by the agency with a certificate that had ended the day before."""
    key = of("30", "2021-02-02")
    seal = signature("agency", valid_to="2021-02-01 23:59:59", serial="7A31-CU")
    return [
        document(**key, files=[file(signatures=[signature("person"), seal])]),
        send(**key),
        receipt(**key),
        status("03", "2021-02-02 10:05", **key),
    ]


def explained(deployment: Deployment, rule: str) -> str:
    """The explanation of the only finding of a rule in February."""
    (finding,) = deployment.findings("2021-02-01", "2021-02-28", "--rule", rule)
    code, told = deployment.run("explain", finding["finding_id"])
    assert code == 0
    return told


@pytest.mark.parametrize(
    ("name", "rows", "rule"), [("tet", before_tet, "N4"), ("undelivered", lost, "G2"), ("certificate", expired, "K4")]
)
def test_golden(deployment: Deployment, name: str, rows, rule: str) -> None:
    deployment.pulled(rows(), *FEBRUARY)
    told = explained(deployment, rule)
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(told, encoding="utf-8")
    assert told == path.read_text(encoding="utf-8")
    assert max(map(len, told.splitlines())) <= 100


def test_json_bears_the_same_steps_as_values(deployment: Deployment) -> None:
    deployment.pulled(before_tet(), *FEBRUARY)
    (finding,) = deployment.findings("2021-02-01", "2021-02-28", "--rule", "N4")
    (told,) = json.loads(deployment.run("explain", finding["finding_id"], "--format", "json")[1])
    assert (told["finding_id"], told["code"], told["outcome"]) == (finding["finding_id"], "N4", "breach")
    sections = {section["id"]: section["steps"] for section in told["sections"]}
    assert [step["key"] for step in sections["working"]] == [
        "arrival.by_receipt", "calendar.in_hours", "calendar.next_working_day_over_rest", "timeline.end_of_day", "timeline.deadline",
    ]  # fmt: skip
    assert sections["working"][2]["values"] == {
        "day": "2021-02-09", "found": "2021-02-17", "number": 1,
        "rests": [{"first": "2021-02-10", "last": "2021-02-16", "holiday": True}],
    }  # fmt: skip
    assert sections["working"][4]["values"] == {"deadline": finding["deadline_at"]}
    assert [step["values"]["text"] for step in sections["grounds"][:-1]] == finding["basis"]


def test_every_line_is_the_raw_row_and_its_page_has_the_hash(deployment: Deployment) -> None:
    deployment.pulled(before_tet(), *FEBRUARY)
    (finding,) = deployment.findings("2021-02-01", "2021-02-28", "--rule", "N4")
    (told,) = json.loads(deployment.run("explain", finding["finding_id"], "--format", "json")[1])
    assert [{key: line[key] for key in finding["evidence"][0]} for line in told["evidence"]] == finding["evidence"]
    for line in told["evidence"]:
        body = deployment.evidence.day(date.fromisoformat(line["log_day"])).body(line["page"])
        assert hashlib.sha256(body).hexdigest() == line["page"]
        assert json.loads(body)["items"][line["line"] - 1] == json.loads(line["row"])
        assert line["verified"]


def test_a_page_that_was_changed_is_named_and_not_shown(deployment: Deployment) -> None:
    deployment.pulled(lost(), *FEBRUARY)
    (finding,) = deployment.findings("2021-02-01", "2021-02-28", "--rule", "G2")
    page = next(one["page"] for one in finding["evidence"] if one["table"] == "sends")
    with sqlite3.connect(deployment.data / "evidence" / "2021-02-04.sqlite") as connection:
        forged = b'{"items": [{"state": "done"}]}'
        packed = zstandard.ZstdCompressor().compress(forged)
        connection.execute("UPDATE bodies SET packed = ?, size = ? WHERE sha256 = ?", (packed, len(forged), page))
    # the log is there already: explain looks at the page for the proof, and says that it proves nothing
    code, told = deployment.run("explain", finding["finding_id"])
    assert code == 0
    assert re.search(rf"{page}, dòng 1\n +CẢNH BÁO: trang này trong kho chứng cứ không còn đúng như khi nhận", told)
    assert '"done"' not in told


def test_history_and_waiver_stand_in_the_explanation(deployment: Deployment) -> None:
    deployment.pulled(lost(), *FEBRUARY)
    (finding,) = deployment.findings("2021-02-01", "2021-02-07", "--rule", "G2")
    unrecorded = deployment.run("explain", finding["finding_id"])[1]
    assert "chưa được ghi vào sổ theo dõi" in " ".join(unrecorded.split())
    for last in ("07", "14"):
        deployment.run("judge", "--from", "2021-02-01", "--to", f"2021-02-{last}")
    told = deployment.run("explain", finding["finding_id"])[1]
    assert "Phát hiện lần đầu khi kiểm tra đến 24 giờ Chủ nhật 07/02/2021" in told
    assert "Lần gần nhất còn thấy: kiểm tra đến 24 giờ Chủ nhật 14/02/2021" in told
    deployment.write(
        "waivers",
        '[[waivers]]\nrule = "undelivered"\nagency = "H03.02"\nreason = "Trục bảo trì"\napprover = "Chánh Văn phòng"\n'
        "valid_from = 2021-02-01\nvalid_to = 2021-02-20\n",
    )
    told = " ".join(deployment.run("explain", finding["finding_id"])[1].split())
    assert "Trạng thái: Được miễn" in told
    assert "đến hết thứ Bảy 20/02/2021; lý do: Trục bảo trì; người duyệt: Chánh Văn phòng" in told
    told = " ".join(deployment.run("explain", finding["finding_id"], "--as-of", "2021-02-25")[1].split())
    assert "Từng được miễn đến hết thứ Bảy 20/02/2021, nay đã hết hạn miễn" in told


def test_a_finding_that_is_gone_is_told_with_what_the_rule_says_now(deployment: Deployment) -> None:
    deployment.pulled([*lost(), receipt(**of("814", "2021-02-04"), arrived_at="2021-02-10 08:00")], *FEBRUARY)
    (finding,) = deployment.findings("2021-02-01", "2021-02-07", "--rule", "G2")
    deployment.run("judge", "--from", "2021-02-01", "--to", "2021-02-07")
    deployment.run("judge", "--from", "2021-02-01", "--to", "2021-02-14")
    code, told = deployment.run("explain", finding["finding_id"], "--as-of", "2021-02-14")
    assert code == 0
    flat = " ".join(told.split())
    assert "Phát hiện này không còn khi kiểm tra lại đến 24 giờ Chủ nhật 14/02/2021" in flat
    assert "Đã đến nơi nhận lúc 8 giờ thứ Tư 10/02/2021" in flat
    assert "Không còn từ lần kiểm tra đến 24 giờ Chủ nhật 14/02/2021: kiểm tra lại thì không còn vi phạm" in flat
    assert "Trạng thái: Đã khắc phục" in flat


def test_a_finding_that_a_missing_day_leaves_undecided_is_open_still(deployment: Deployment) -> None:
    failed = [document(), send(state="fail", state_at="2021-02-02 10:05")]
    deployment.pulled(failed, *FEBRUARY, without=[("H03.02", date(2021, 2, 12))])
    (finding,) = deployment.findings("2021-02-01", "2021-02-07", "--rule", "G1")
    deployment.run("judge", "--from", "2021-02-01", "--to", "2021-02-07")
    deployment.run("judge", "--from", "2021-02-01", "--to", "2021-02-07", "--as-of", "2021-02-14")
    code, told = deployment.run("explain", finding["finding_id"], "--as-of", "2021-02-14")
    assert code == 0
    flat = " ".join(told.split())
    assert "Kiểm tra lại đến 24 giờ Chủ nhật 14/02/2021 thì chưa kết luận được vì thiếu nhật ký" in flat
    assert "thứ Sáu 12/02/2021 của Sở Nội vụ (H03.02)" in flat
    assert "Trạng thái: Đang mở" in flat
    assert "Đã khắc phục" not in flat


QUESTIONS = [
    ("compliant", ["--rule", "N3", "--document", "21/SNV-VP"], "phản hồi lúc 16 giờ 59 phút 30 giây thứ Ba 09/02/2021, trong thời hạn"),
    ("spelt otherwise", ["--rule", "late_acknowledgement", "--document", "021 / snv – vp", "--sender", "h03.02"], "trong thời hạn"),
    ("to come", ["--rule", "N4", "--document", "21/SNV-VP", "--from", "2021-02-08", "--to", "2021-02-14"], "sau thời điểm xem xét (24 giờ Chủ nhật 14/02/2021): chưa đến lúc xét"),
    ("another period", ["--rule", "N4", "--document", "21/SNV-VP", "--from", "2021-02-22", "--to", "2021-02-28"], "Thời hạn là 24 giờ thứ Tư 17/02/2021, không nằm trong kỳ"),
    ("another rule", ["--rule", "G5", "--document", "21/SNV-VP"], "Văn bản không khẩn"),
    ("no file", ["--rule", "K1", "--document", "21/SNV-VP", "--issued", "2021-02-09"], "Văn bản không có tệp: thuộc quy tắc D1"),
    ("nobody sent", ["--rule", "G2", "--document", "21/SNV-VP", "--recipient", "H03.99"], "Không có phát hiện"),
    ("a gap", ["--rule", "G2", "--document", "40/SNV-VP"], "Chưa đủ nhật ký “Văn bản đến” thứ Sáu 19/02/2021 của Sở Tư pháp (H03.03) (Chưa có dữ liệu)"),
    ("a breach", ["--rule", "N4", "--document", "21/SNV-VP"], "GIẢI THÍCH PHÁT HIỆN"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "said"), [case[1:] for case in QUESTIONS], ids=[case[0] for case in QUESTIONS])
def test_questions(deployment: Deployment, words: list[str], said: str) -> None:
    rows = [
        *before_tet(),
        send(**of("40", "2021-02-19"), sent_at="2021-02-19 09:00", recipient="H03.03", **UNDER_WAY),
        send(**of("21", "2021-02-09"), recipient="H03.99", sent_at="2021-02-09 16:58"),
    ]
    deployment.pulled(rows, *FEBRUARY, without=[("H03.03", date(2021, 2, 19))])
    code, told = deployment.run("explain", *words)
    assert code == 0
    assert said in " ".join(told.split())


@pytest.mark.parametrize(
    ("words", "trouble"),
    [
        ([], "either the id of a finding or --document"),
        (["0123456789abcdef"], "is no finding that the ledger or a judgement at hand knows"),
        (["--document", "9/X", "--rule", "N2"], "no log tells of a document"),
        (["--document", "9/X"], "is no rule"),
        (["--document", "9/X", "--rule", "H2"], "H2 is about systems"),
        (["--document", "9/X", "--rule", "G1", "--from", "2021-02-09", "--to", "2021-02-01"], "--to: "),
    ],
)
def test_questions_that_make_no_sense(
    deployment: Deployment, capsys: pytest.CaptureFixture[str], words: list[str], trouble: str
) -> None:
    deployment.pulled([], date(2021, 2, 1), date(2021, 2, 2))
    assert deployment.run("explain", *words)[0] == 2
    assert trouble in capsys.readouterr().err


def test_a_log_that_could_not_be_had_is_explained_by_its_attempts(deployment: Deployment) -> None:
    deployment.pulled([], date(2021, 2, 1), date(2021, 2, 3), without=[("H03.03", date(2021, 2, 2))])
    (finding,) = deployment.findings("2021-02-01", "2021-02-03", "--rule", "H2")
    told = " ".join(deployment.run("explain", finding["finding_id"])[1].split())
    assert "“Lượt gửi” – không lấy được, lỗi tại hệ thống của đơn vị: HTTP 503" in told
    assert "Nhật ký thứ Ba 02/02/2021 chưa đủ: Văn bản đi, Lượt gửi, Văn bản đến và Trạng thái phản hồi" in told


def test_a_successor_is_told_why_it_is_named(tmp_path: Path) -> None:
    flags = {"H03.03": {"valid_to": "2021-02-09", "successor": "H03.04"}}
    deployment = Deployment(
        tmp_path / "province", {"H03.02": "Sở Nội vụ", "H03.03": "Sở Tư pháp", "H03.04": "Sở Nội chính"}, flags
    )
    deployment.pulled(before_tet(), *FEBRUARY)
    told = explained(deployment, "N4")
    assert "- Sở Nội chính (H03.04): kế thừa Sở Tư pháp (H03.03), đơn vị đã kết thúc hoạt động sau thứ Ba" in told
