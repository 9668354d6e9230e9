"""Headers: no text of a log, of the settings or of a wire begins another one, in mails or in requests.

Delivery as a whole: tests/test_delivery.py; what a header of a source may hold: tests/sources/test_pull.py.
"""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage, Message

import pytest

from audit import smtp
from audit.errors import PermanentSourceError
from audit.http import HttpClient
from audit.settings.deployment import Mail, Pull
from reports.mail import one_line
from tests.sources.gateway import SECRET as SHARED
from tests.sources.server import serving, source_of

BREAKS = ["\n", "\r", "\r\n", "\n\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00"]
MAIL = Mail(enabled=True, host="post.example", sender="audit@so.example")


def naive(subject: str) -> Message:
    return message_from_bytes(f"To: yte@so.example\r\nSubject: {subject}\r\n\r\nKính gửi".encode())


def test_the_danger_a_subject_adds_a_recipient() -> None:
    assert naive("Báo cáo\r\nBcc: thief@evil.example")["Bcc"] == "thief@evil.example"


@pytest.mark.parametrize("line_break", BREAKS, ids=ascii)
def test_a_mail_has_the_headers_that_we_gave_it(line_break: str) -> None:
    evil = f"Báo cáo{line_break}Bcc: thief@evil.example{line_break}{line_break}<script>"
    made = smtp.message(MAIL, (one_line(evil), "yte@so.example"), one_line(evil), ("x", "<p>x</p>"))
    read: EmailMessage = message_from_bytes(made.as_bytes(), policy=policy.default)  # type: ignore[assignment]
    assert read.keys() == ["From", "To", "Subject", "MIME-Version", "Content-Type"]
    assert [one.addr_spec for one in read["To"].addresses] == ["yte@so.example"]
    assert read["Subject"] == "Báo cáo Bcc: thief@evil.example <script>"


@pytest.mark.parametrize(
    "name",
    ["Trần Văn A, Phó Giám đốc", "a@evil.example, b", 'Sở "Nội vụ" <a@evil.example>', "x" * 60, "\\", "", "Sở Y tế;"],
)
def test_no_name_is_an_address(name: str) -> None:
    sender = MAIL.model_copy(update={"sender_name": name})
    made = smtp.message(sender, (name, "yte@so.example"), "Báo cáo", ("x", "<p>x</p>"))
    read: EmailMessage = message_from_bytes(made.as_bytes(), policy=policy.default)  # type: ignore[assignment]
    for header, address in (("To", "yte@so.example"), ("From", "audit@so.example")):
        assert [(one.display_name, one.addr_spec) for one in read[header].addresses] == [(name, address)]


def test_an_unguarded_line_break_stops_the_mail_instead_of_adding_a_header() -> None:
    with pytest.raises(ValueError, match="line break"):
        smtp.message(MAIL, ("Văn thư", "yte@so.example"), "Báo cáo\r\nBcc: thief@evil.example", ("x", "x"))


@pytest.mark.parametrize("line_break", BREAKS, ids=ascii)
def test_a_request_with_such_a_header_is_not_sent(line_break: str) -> None:
    with serving({}) as server, HttpClient("H03", source_of(server.url), Pull(attempts=1)) as http:
        with pytest.raises(PermanentSourceError) as caught:
            http.ask(server.url, headers={"docId": f"{SHARED}{line_break}X-Evil: 1"})
        assert server.asked == []
    assert SHARED not in str(caught.value)


def test_a_cursor_stays_in_its_parameter() -> None:
    evil = "1&day=2020-01-01 HTTP/1.1\r\nX-Evil: 1\r\n\r\n#/../../../etc?x=%0d%0a"
    with serving({}) as server, HttpClient("H03", source_of(server.url), Pull(attempts=1)) as http:
        server.misbehaviour = lambda exchange: not exchange.send(exchange.parameters["cursor"].encode())
        assert http.ask(f"{server.url}/v1/log/sends", parameters={"cursor": evil}).body.decode() == evil
        assert [path.partition("?")[0] for path in server.asked] == ["/v1/log/sends"]
        assert "X-Evil" not in server.headers_seen[0]
