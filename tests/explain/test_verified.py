"""What `explain` says of signatures: the facts of the audit's own check, or the agency's word, and which of the two."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from audit.evidence import Evidence
from audit.explain.layout import as_text
from audit.explain.raw_lines import RawLines
from audit.explain.story import Judged, Past, Sources, explain_finding
from audit.explain.wording import Wording
from audit.law import LawBook
from audit.rules import RULES
from audit.signatures import FileFacts
from audit.signatures import file_facts as found_facts
from tests.rules.harness import Case, document, file, send, sha256, verified_facts
from tests.test_verified_signatures import EARLY, PERSON, checked

MAIN = sha256("van-ban.pdf")


def told(rule: str, folder: Path, known: dict[str, FileFacts], **fields: object) -> str:
    """The explanation of the one finding of a rule, its lines joined."""
    facts = verified_facts(Case("explained", [document(**fields), send()]), known)
    sources = Sources(facts, LawBook(facts.settings.law, facts.policy), RawLines(Evidence(folder), facts.registry))
    judged = Judged.by(RULES[rule], sources)
    (finding_id,) = judged.readable["finding_id"]
    explained = explain_finding(sources, judged, finding_id, Past(None, "new", {}, date(2021, 2, 8)))
    return " ".join(as_text([explained], Wording(facts.settings.labels)).split())


def test_a_verified_file_shows_its_signature_facts(tmp_path: Path) -> None:
    early = checked("agency", signed_at=EARLY, chain="no_anchor", revocation="good", time_origin="dictionary")
    text = told("invalid_certificate", tmp_path, {MAIN: FileFacts(signatures=(PERSON, early))})
    assert "Nguồn: chương trình tự kiểm tra trên tệp lấy từ hệ thống của đơn vị" in text
    assert (
        "Chuỗi chứng thư: dẫn đến CA được chấp nhận; thời điểm ký lấy từ: dấu thời gian; kiểm tra thu hồi: chưa có CRL hoặc OCSP đủ mới"
        in text
    )
    assert "Chuỗi chứng thư: chưa kiểm tra được, vì không có chứng thư của CA; thời điểm ký lấy từ: mục /M" in text
    assert "kiểm tra thu hồi: không bị thu hồi" in text
    assert "Căn cứ: kết quả chương trình tự kiểm tra trên tệp" in text


def test_the_agencys_word_is_called_so(tmp_path: Path) -> None:
    text = told("unsigned", tmp_path, {}, files=[file(signatures=[])])
    assert "Nguồn: lời khai trong nhật ký của đơn vị; chương trình chưa kiểm tra trên tệp" in text
    assert "Căn cứ: lời khai trong nhật ký của đơn vị, chưa kiểm tra trên tệp" in text
    assert "Chuỗi chứng thư" not in text


def test_a_file_without_signatures(tmp_path: Path) -> None:
    text = told("unsigned", tmp_path, {MAIN: FileFacts()})
    assert "Tệp chính không có chữ ký số nào" in text
    assert "Căn cứ: kết quả chương trình tự kiểm tra trên tệp" in text


def test_a_missing_component(tmp_path: Path) -> None:
    lacks = found_facts.Wording(missing=("i",), is_whole=True)
    text = told("missing_component", tmp_path, {MAIN: FileFacts(signatures=(PERSON,), wording=lacks)})
    assert "Nội dung tệp thiếu thành phần: nơi nhận" in text
    assert "Tệp chính “van-ban.pdf”" in text
