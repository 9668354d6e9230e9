"""A folder of settings in, a value or every mistake out."""

from __future__ import annotations

import os
import shutil
import textwrap
from datetime import date, time
from pathlib import Path

import pytest
from pydantic import ValidationError

from audit.errors import ConfigError
from audit.settings import SHIPPED, Agency, Reference, Secret, Settings, load_settings
from audit.settings.policy import Policy

AGENCIES = """
[province]
code = "H03"
name = "UBND tỉnh Bắc Kạn"
place = "Bắc Kạn"
[[agencies]]
code = "H03"
name = "UBND tỉnh Bắc Kạn"
kind = "people_committee_province"
[[agencies]]
code = "H03.16"
name = "Sở Y tế"
kind = "department"
"""


class Folder:
    """A folder of settings that a test fills."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, **files: str) -> Folder:
        """Files by their name without ``.toml``."""
        for name, text in files.items():
            (self.path / f"{name}.toml").write_text(textwrap.dedent(text), encoding="utf-8")
        return self

    def load(self) -> Settings:
        return load_settings(self.path)

    def mistakes(self) -> list[tuple[str, str, str, str]]:
        with pytest.raises(ConfigError) as caught:
            self.load()
        return [(mistake.file, mistake.key, mistake.value, mistake.allowed) for mistake in caught.value.mistakes]

    def mistake(self) -> tuple[str, str, str, str]:
        """The only mistake."""
        (mistake,) = self.mistakes()
        return mistake

    def places(self) -> list[str]:
        return [f"{file}: {key}" for file, key, _, _ in self.mistakes()]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


# -- what comes out ---------------------------------------------------------------------------------------------------


def test_an_empty_folder_is_the_shipped_settings(folder):
    assert folder.load().model_copy(update={"folder": SHIPPED}) == load_settings()


def test_a_file_replaces_the_shipped_one_and_a_key_its_default(folder):
    settings = folder.write(rules="[limits]\nbacklog_working_days = 5").load()
    assert settings.policy.limits.backlog_working_days == 5
    assert settings.policy.limits.undelivered_hours == 4
    assert settings.agencies == load_settings().agencies


def test_an_empty_rules_file_has_the_values_of_the_catalogue(folder):
    policy = folder.write(rules="").load().policy
    assert policy == Policy()
    limits = policy.limits
    assert limits.urgent_send_minutes.model_dump() == {"khan": 120, "thuong_khan": 60, "hoa_toc": 30}
    assert limits.urgent_forward_minutes.model_dump() == {"khan": 120, "thuong_khan": 60, "hoa_toc": 30}
    assert limits.urgent_backlog_hours.model_dump() == {"khan": 24, "thuong_khan": 8, "hoa_toc": 4}
    plain = ("undelivered_hours", "backlog_working_days", "lost_status_hours", "early_status_minutes", "same_event_minutes", "duplicate_content_days",
             "number_gap_jump", "unmatched_days", "rejudge_days", "outage_minutes", "certificate_days", "rank_minimum_tested", "rank_maximum_incomplete")  # fmt: skip
    assert [getattr(limits, key) for key in plain] == [4, 10, 4, 5, 2, 30, 20, 30, 28, 15, 30, 20, 0.2]


def test_a_rule_can_be_switched_off_and_weighed(folder):
    policy = folder.write(rules='[rules.late_send]\nenabled = false\n[rules.unsigned]\nseverity = "high"').load().policy
    assert (policy.rule("late_send").enabled, policy.rule("late_send").severity) == (False, None)
    assert (policy.rule("unsigned").enabled, policy.rule("unsigned").severity) == (True, "high")
    assert policy.rule("backlog").enabled


def test_an_agency_has_the_flags_of_the_catalogue(folder):
    source = '[agencies.source]\nkind = "log_api"\nbase_url = "https://qlvb.example/a/"\ntoken = "env:A_TOKEN"\n'
    first, second = folder.write(agencies=AGENCIES + source).load().agencies
    assert (first.is_pulled, second.is_pulled) == (False, True)
    assert (second.reports_forwarding, second.reports_completion, second.reports_signatures, second.register_whole) == (
        True,
        True,
        True,
        False,
    )
    assert second.tables == ("documents", "sends", "receipts", "statuses")
    assert second.source.base_url == "https://qlvb.example/a"
    assert second.source.probe_url == "https://qlvb.example/a/v1/health"
    assert (second.source.header, second.source.timeout_s) == ("Authorization", 30.0)


def test_pulled_wins_over_the_source(folder):
    source = 'pulled = false\n[agencies.source]\nkind = "register_file"\npath = "/srv/so-{day}.xlsx"\n'
    assert not folder.write(agencies=AGENCIES + source).load().agencies[1].is_pulled


def test_the_other_spelling_of_document_types_is_read(folder):
    shutil.copy(SHIPPED / "document_types.toml", folder.path / "document-types.toml")
    assert folder.load().document_types.kinds["QĐ"] == "Quyết định"


def test_times_of_the_day_and_dates_may_be_texts_or_toml(folder):
    folder.write(
        audit='[schedule]\ndaily = 04:45:00\nweekly = "07:00"',
        topics='[[topics]]\nid = "a"\nname = "a"\npatterns = ["a"]\nvalid_from = "2021-01-01"\nvalid_to = 2021-12-31',
    )
    settings = folder.load()
    assert (settings.audit.schedule.daily, settings.audit.schedule.weekly) == (time(4, 45), time(7))
    topic = settings.topics[0]
    assert [
        topic.in_force_on(day) for day in (date(2020, 12, 31), date(2021, 1, 1), date(2021, 12, 31), date(2022, 1, 1))
    ] == [False, True, True, False]


def test_settings_are_frozen(shipped):
    with pytest.raises(ValidationError):
        shipped.policy.limits.backlog_working_days = 3
    with pytest.raises(ValidationError):
        shipped.agencies[0].code = "H99"


# -- digests ----------------------------------------------------------------------------------------------------------


def test_the_digest_knows_every_file(folder):
    before = folder.load().digest
    assert before == load_settings().digest
    for file in sorted(SHIPPED.glob("*.toml")):
        (folder.path / file.name).write_bytes(file.read_bytes() + b"\n# looked at\n")
        after = folder.load().digest
        assert after != before, file.name
        before = after


def test_the_conform_digest_knows_codes_aliases_placeholders_and_zone_only(folder):
    base = folder.write(agencies=AGENCIES).load().conform_digest
    assert folder.write(rules="[limits]\nbacklog_working_days = 5").load().conform_digest == base
    assert folder.write(rules='[placeholders]\nvalues = ["x"]').load().conform_digest != base
    folder.write(rules="")
    assert folder.write(agencies=AGENCIES.replace("Sở Y tế", "Sở khác")).load().conform_digest == base
    assert folder.write(agencies=AGENCIES + 'aliases = ["000.00.16.H03"]').load().conform_digest != base


# -- mistakes: one file -----------------------------------------------------------------------------------------------


def test_a_folder_that_is_none(tmp_path):
    with pytest.raises(ConfigError, match="a folder that holds settings"):
        load_settings(tmp_path / "absent")


def test_text_that_is_not_toml(folder):
    file, key, value, allowed = folder.write(rules="[limits\n").mistake()
    assert (file, key, value) == ("rules.toml", "", "(not TOML)")
    assert "line 1" in allowed


def test_bytes_that_are_not_utf_8(folder):
    (folder.path / "topics.toml").write_bytes(b"# \xff\n")
    assert folder.mistake() == ("topics.toml", "", "(byte 2)", "UTF-8 text")


def test_a_file_that_is_a_folder(folder):
    (folder.path / "topics.toml").mkdir()
    assert folder.mistake()[:3] == ("topics.toml", "", "(not readable)")


RULES = [
    # text of rules.toml, key, value, allowed (the beginning)
    ("[limits]\nbacklog_days = 5", "limits.backlog_days", "5", "no such key; known are backlog_working_days, certificate_days"),
    ("[limit]\nx = 1", "limit", "(table)", "no such key; known are certificates, exempt, limits"),
    ("[limits]\nbacklog_working_days = 0", "limits.backlog_working_days", "0", "at least 1"),
    ('[limits]\nbacklog_working_days = "5"', "limits.backlog_working_days", "'5'", "a whole number"),
    ("[limits]\nbacklog_working_days = true", "limits.backlog_working_days", "True", "a whole number"),
    ("[limits]\nbacklog_working_days = 2.0", "limits.backlog_working_days", "2.0", "a whole number"),
    ("[limits]\nrank_maximum_incomplete = 20", "limits.rank_maximum_incomplete", "20", "at most 1"),
    ("[limits]\nurgent_send_minutes = { khan = 120, thuong_khan = 60 }", "limits.urgent_send_minutes.hoa_toc", "(missing)", "must be given"),
    ("limits = 3", "limits", "3", "a table"),
    ('[misrouted]\npatterns = "gửi nhầm"', "misrouted.patterns", "'gửi nhầm'", "a list"),
    ('[misrouted]\npatterns = ["gửi (nhầm"]', "misrouted.patterns[1]", "'gửi (nhầm'", "a regular expression (missing )"),
    ('[misrouted]\npatterns = ["ok", "(a+)+$"]', "misrouted.patterns[2]", "'(a+)+$'", "a regular expression without a repeated group"),
    ('[misrouted]\npatterns = ["(?:x|(y*y){2,9})"]', "misrouted.patterns[1]", "'(?:x|(y*y){2,9})'", "a regular expression without a repeated group"),
    ('[misrouted]\npatterns = ["(?:a|aa)+$"]', "misrouted.patterns[1]", "'(?:a|aa)+$'", "a regular expression without a repeated group"),
    ('[misrouted]\npatterns = ["a", "a"]', "misrouted.patterns", "['a', 'a']", "each entry once"),
    ('[exempt]\nkinds = ["mafia"]', "exempt.kinds[1]", "'mafia'", "one of 'people_committee_province', "),
    ('[required]\nfields = ["colour"]', "required.fields[1]", "'colour'", "one of 'number', 'notation'"),
    ("[targets]\nsigned_by_both = { department = 90 }", "targets.signed_by_both.department", "90", "at most 1"),
    ("[targets]\nsigned_by_both = { guild = 0.9 }", "targets.signed_by_both.guild", "0.9", "one of 'people_committee_province'"),
    ("[certificates]\naccepted_issuers = []", "certificates.accepted_issuers", "[]", "at least 1 entries"),
    ("[rules.late_sent]\nenabled = false", "rules.late_sent", "(table)", "the id of a rule: failed_send, undelivered"),
    ("[rules.late_send]\nenabled = 0", "rules.late_send.enabled", "0", "true or false"),
    ('[rules.late_send]\nseverity = "grave"', "rules.late_send.severity", "'grave'", "one of 'critical', 'high', 'medium' or 'low'"),
    ("[rules.late_send]\nafter_law = true", "rules.late_send.after_law", "True", "no such key here; it belongs to rules.missing_timestamp"),
    ("[rules.late_send]\nweight = 3", "rules.late_send.weight", "3", "no such key; known are after_law, enabled, merge_series, severity"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "key", "value", "allowed"), RULES)
def test_mistakes_in_rules(folder, text, key, value, allowed):
    found = folder.write(rules=text).mistake()
    assert found[:3] == ("rules.toml", key, value)
    assert found[3].startswith(allowed)


@pytest.mark.parametrize(
    "pattern", [r"gửi\s+nhầm", "a{2,3}b+", "(ab?c)+", "(sai|nhầm) nơi", "[+*]+", r"\(a+\)+", "(?:covid)?19"]
)
def test_patterns_that_are_fine(folder, pattern):
    folder.write(rules=f"[misrouted]\npatterns = ['{pattern}']")
    assert folder.load().policy.misrouted.patterns == (pattern,)


AGENCY = [
    # lines that follow the second agency, key, value, allowed (the beginning)
    ('colour = "red"', "agencies[2].colour", "'red'", "no such key; known are aliases, code"),
    ("valid_from = 2021-01-01\nvalid_to = 2020-12-31", "agencies[2].valid_to", "2020-12-31", "a date not before valid_from (2021-01-01)"),
    ("valid_from = 20210101", "agencies[2].valid_from", "20210101", "a date, YYYY-MM-DD"),
    ("valid_from = 2021-01-01T00:00:00", "agencies[2].valid_from", "2021-01-01 00:00:00", "a date, YYYY-MM-DD"),
    ('valid_from = "01/02/2021"', "agencies[2].valid_from", "'01/02/2021'", "a date, YYYY-MM-DD"),
    ('aliases = ["000.00.16.h03"]', "agencies[2].aliases[1]", "'000.00.16.h03'", "a code in capitals"),
    ('aliases = ["H03"]', "agencies[2].aliases", "'H03'", "names of this agency only (agencies[1] has this one)"),
    ('aliases = ["H03.16"]', "agencies[2].aliases", "'H03.16'", "names of this agency only"),
    ("tables = []", "agencies[2].tables", "[]", "at least 1 entries"),
    ('tables = ["sent"]', "agencies[2].tables[1]", "'sent'", "one of 'documents', 'sends', 'receipts' or 'statuses'"),
    ('valid_to = 2021-01-01\nsuccessor = "H55"', "agencies[2].successor", "'H55'", "the code of an agency of this file"),
    ('successor = "H03"', "agencies[2].valid_to", "(missing)", "a last day, because there is a successor"),
    ('log_of = "H03.99"', "agencies[2].log_of", "'H03.99'", "the code of an agency of this file"),
    ('log_of = "H03.16"', "agencies[2].log_of", "'H03.16'", "another agency, which holds its log itself"),
    ("pulled = true", "agencies[2].pulled", "True", "false, as long as there is no [agencies.source]"),
    ('[agencies.source]\nkind = "ftp"', "agencies[2].source.kind", "'ftp'", "one of 'log_api', 'vxp', 'lgsp', 'edxml' or 'register_file'"),
    ('[agencies.source]\nkind = "log_api"\ntoken = "env:A"', "agencies[2].source.base_url", "(missing)", "must be given for kind 'log_api'"),
    ('[agencies.source]\nkind = "log_api"\ntoken = "env:A"\nbase_url = "ftp://a.example"', "agencies[2].source.base_url", "'ftp://a.example'", "an address http(s)://"),
    ('[agencies.source]\nkind = "log_api"\ntoken = "env:A"\nbase_url = "https://u:p@a.example"', "agencies[2].source.base_url", "(hidden)", "an address http(s)://"),
    ('[agencies.source]\nkind = "log_api"\ntoken = "env:A"\nbase_url = "https://a.example"\nheader = "X: y"', "agencies[2].source.header", "'X: y'", "a text of the form"),
    ('[agencies.source]\nkind = "log_api"\ntoken = "env:A"\nbase_url = "https://a.example"\ntimeout_s = 0', "agencies[2].source.timeout_s", "0", "more than 0"),
    ('[agencies.source]\nkind = "log_api"\ntoken = "env:A"\nbase_url = "https://a.example"\nclient_key = "k.pem"', "agencies[2].source.client_cert", "(missing)", "must be given beside client_key"),
    ('[agencies.source]\nkind = "vxp"\nbase_url = "https://a.example"\nsystem_id = "x"', "agencies[2].source.secret", "(missing)", "must be given for kind 'vxp'"),
    ('[agencies.source]\nkind = "edxml"', "agencies[2].source.path", "(missing)", "must be given for kind 'edxml'"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "key", "value", "allowed"), AGENCY)
def test_mistakes_in_an_agency(folder, lines, key, value, allowed):
    found = folder.write(agencies=AGENCIES + lines).mistake()
    assert found[:3] == ("agencies.toml", key, value)
    assert found[3].startswith(allowed)


def test_a_code_stands_once(folder):
    again = AGENCIES + '[[agencies]]\ncode = "H03.16"\nname = "Sở khác"\nkind = "department"'
    assert folder.write(agencies=again).mistake() == (
        "agencies.toml",
        "agencies[3].code",
        "'H03.16'",
        "one of its own (agencies[2] has it)",
    )


def test_successors_do_not_go_in_circles(folder):
    circle = AGENCIES.replace(
        'code = "H03"\nname = "UBND tỉnh Bắc Kạn"\nkind',
        'code = "H03"\nsuccessor = "H03.16"\nvalid_to = 2021-01-01\nname = "UBND"\nkind',
    )
    folder.write(agencies=circle + 'successor = "H03"\nvalid_to = 2021-01-01')
    assert folder.places() == ["agencies.toml: agencies[1].successor", "agencies.toml: agencies[2].successor"]


CALENDAR = [
    ('timezone = "Asia/Bac_Kan"', "timezone", "the name of a time zone"),
    ("working_weekdays = [0, 1]", "working_weekdays[1]", "at least 1"),
    ("working_weekdays = []", "working_weekdays", "at least 1 entries"),
    ("[days_off]\n2021 = [2022-01-03]", "days_off.2021", "days of 2021"),
    ("[days_off]\n2021 = [2021-01-02]", "days_off.2021", "days of the working week"),
    ("[saturdays_worked]\n2024 = [2024-05-03]", "saturdays_worked.2024", "days outside the working week"),
    ("[days_off]\nsome = []", "days_off.some", "a text of the form"),
]


@pytest.mark.parametrize(("lines", "key", "allowed"), CALENDAR)
def test_mistakes_in_the_calendar(folder, lines, key, allowed):
    sessions = '\n[[sessions]]\nvalid_from = 2018-01-01\nmorning = ["07:30", "11:30"]\nafternoon = ["13:00", "17:00"]'
    found = folder.write(calendar=lines + sessions).mistake()
    assert found[:2] == ("calendar.toml", key)
    assert found[3].startswith(allowed)


SESSIONS = [
    (
        'morning = ["11:30", "07:30"]\nafternoon = ["13:00", "17:00"]',
        "sessions[1].morning",
        "a beginning before the end",
    ),
    (
        'morning = ["07:30", "11:30"]\nafternoon = ["11:00", "17:00"]',
        "sessions[1].afternoon",
        "an afternoon that begins at or after",
    ),
    ('morning = ["7:30", "11:30"]\nafternoon = ["13:00", "17:00"]', "sessions[1].morning[1]", "a time of the day"),
    ('morning = ["07:30", "11:30"]\nafternoon = ["13:00", "24:00"]', "sessions[1].afternoon[2]", "a time of the day"),
]


@pytest.mark.parametrize(("lines", "key", "allowed"), SESSIONS)
def test_mistakes_in_sessions(folder, lines, key, allowed):
    found = folder.write(calendar=f"[[sessions]]\nvalid_from = 2018-01-01\n{lines}").mistake()
    assert found[:2] == ("calendar.toml", key)
    assert found[3].startswith(allowed)


WAIVER = 'reason = "nâng cấp"\napprover = "Chánh Văn phòng"\nvalid_from = 2021-02-01\n'
OTHERS = [
    ("waivers", f'[[waivers]]\nrule = "late_send"\n{WAIVER}', "waivers[1].valid_to", "must be given"),
    ("waivers", f'[[waivers]]\nrule = "late"\n{WAIVER}valid_to = 2021-02-02', "waivers[1].rule", "the id of a rule"),
    ("waivers", f"[[waivers]]\n{WAIVER}valid_to = 2021-02-02", "waivers[1]", "at least one of agency, issued_date, notation, number, rule"),
    ("waivers", f'[[waivers]]\nagency = "H99"\n{WAIVER}valid_to = 2021-02-02', "waivers[1].agency", "the code of an agency"),
    ("signers", '[[signers]]\nagency = "H99"\nname = "Lý Thị Sao"\nposition = "GIÁM ĐỐC"', "signers[1].agency", "the code of an agency"),
    ("recipients", '[[recipients]]\naddress = "a@b.example"\nname = "A"\nagency = "H99"\neditions = ["alert"]', "recipients[1].agency", "the code of an agency"),
    ("recipients", '[[recipients]]\naddress = "a@b.example\\nBcc: c@d.example"\nname = "A"\neditions = ["alert"]', "recipients[1].address", "a text of the form"),
    ("recipients", '[[recipients]]\naddress = "a@b.example"\nname = "A"\nagency = "H03.16"\neditions = ["weekly_pdf"]', "recipients[1].editions", "editions of one agency"),
    ("recipients", '[[recipients]]\naddress = "a@b.example"\nname = "A"\neditions = ["agency_book"]', "recipients[1].editions", "editions of the province"),
    ("topics", '[[topics]]\nid = "a"\nname = "a"\npatterns = []', "topics[1].patterns", "at least 1 entries"),
    ("audit", '[report.signature]\npkcs12_file = "a.p12"', "report.signature.password", "must be given beside pkcs12_file"),
    ("audit", '[alert]\nquiet_from = "25:00"', "alert.quiet_from", "a time of the day"),
    ("audit", 'province = "H55"', "province", "the province of agencies.toml, 'H03'"),
    ("audit", 'time_zone = "Asia/Tokyo"', "time_zone", "the zone of calendar.toml, 'Asia/Ho_Chi_Minh'"),
    ("audit", 'priority_topic = "flood"', "priority_topic", "the id of a topic of topics.toml"),
    ("audit", '[mail]\nenabled = true\nhost = "mail.example"', "mail.sender", "must be given where mail.enabled is true"),
    ("audit", '[mail]\nusername = "u"\npassword = "env:P"\nsecurity = "none"', "mail.security", "starttls or tls beside mail.username"),
    ("audit", '[storage]\ndatabase_url = "postgresql://u:pw@db/audit"', "storage.database_url", "a SQLAlchemy URL without a password"),
    ("audit", "[pull]\nagencies_at_once = 0", "pull.agencies_at_once", "at least 1"),
    ("audit", '[schedule]\ndaily = "25:00"', "schedule.daily", "a time of the day"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "key", "allowed"), OTHERS)
def test_mistakes_in_the_other_files(folder, name, text, key, allowed):
    found = folder.write(**{name: text}).mistake()
    assert found[:2] == (f"{name}.toml", key)
    assert found[3].startswith(allowed)


def test_topics_have_ids_of_their_own(folder):
    topic = '[[topics]]\nid = "covid-19"\nname = "a"\npatterns = ["a"]\n'
    assert folder.write(topics=topic + topic).places() == ["topics.toml: topics[2].id"]


LAW = [
    ('instrument = "nd30"', 'instrument = "nd99"', "provisions[1].instrument", "the id of an instrument of this file"),
    ('id = "nd30-d4-k2-c"', 'id = "nd30-d4-k2-a"', "provisions[2].id", "one of its own (provisions[1] has it)"),
    ('key = "limits.undelivered_hours"', 'key = "limits.hours"', "policies[1].key", "the path of a key of rules.toml"),
    (
        "trong {value} giờ sau",
        "trong {hours} giờ sau",
        "policies[1].text",
        "a text whose places in braces are those of its key: {value}",
    ),
    ("trong {value} giờ sau", "trong {value giờ sau", "policies[1].text", "a text whose places in braces"),
    (
        'late_send = ["qd28-d6"]',
        'late_send = ["qd28-d66"]',
        "rules.late_send",
        "ids of provisions and policies of this file",
    ),
    ('late_send = ["qd28-d6"]', "", "rules.late_send", "at least one provision or policy"),
    ('đúng thẩm quyền"\nsure = "T"', 'đúng thẩm quyền"\nsure = "R"', "provisions[1].sure", "one of 'T' or 'S'"),
]


@pytest.mark.parametrize(("right", "wrong", "key", "allowed"), LAW)
def test_mistakes_in_the_law(folder, right, wrong, key, allowed):
    text = (SHIPPED / "law.toml").read_text(encoding="utf-8")
    assert right in text
    found = [mistake for mistake in folder.write(law=text.replace(right, wrong, 1)).mistakes() if mistake[1] == key]
    assert [mistake[0] for mistake in found] == ["law.toml"]
    assert found[0][3].startswith(allowed)


def test_every_rule_and_group_has_a_label(folder):
    text = (SHIPPED / "labels.vi.toml").read_text(encoding="utf-8")
    (folder.path / "labels.vi.toml").write_text(
        text.replace("[rules.late_send]", "[rules.late]").replace('G = "Gửi văn bản"', ""), encoding="utf-8"
    )
    assert folder.places() == [
        "labels.vi.toml: groups.G",
        "labels.vi.toml: rules.late",
        "labels.vi.toml: rules.late_send",
    ]


@pytest.mark.parametrize("address", ["https://proxy.example:3128", "HTTPS://proxy.example"])
def test_a_proxy_that_speaks_tls_is_refused(folder, address):
    source = '[agencies.source]\nkind = "log_api"\ntoken = "env:A"\nbase_url = "https://a.example"\nproxy = "%s"'
    file, key, value, allowed = folder.write(agencies=AGENCIES + source % address).mistake()
    assert (file, key, value) == ("agencies.toml", "agencies[2].source.proxy", f"'{address}'")
    assert allowed.startswith(
        "an http:// proxy; what is asked of an https:// system is encrypted within it all the same"
    )
    folder.write(agencies=AGENCIES + source % "HTTP://proxy.example:3128").load()


def test_two_hours_from_the_same_day(folder):
    hours = '[[sessions]]\nvalid_from = 2018-01-01\nmorning = ["07:30", "11:30"]\nafternoon = ["13:00", "17:00"]\n'
    assert folder.write(calendar=hours + hours).mistake()[1::2] == ("sessions", "one entry for each valid_from")


@pytest.mark.parametrize(
    "address", ["https://a.example:x", "https://a.example:0", "https://", "a.example", "https://a b", "https://a?b=c"]
)
def test_addresses_that_are_none(folder, address):
    source = (
        f'[agencies.source]\nkind = "log_api"\ntoken = "env:A"\nbase_url = "https://a.example"\nproxy = "{address}"'
    )
    file, key, value, allowed = folder.write(agencies=AGENCIES + source).mistake()
    assert (file, key, value) == ("agencies.toml", "agencies[2].source.proxy", f"'{address}'")
    # one key, one mistake: what may stand there is an address, or nothing
    assert allowed == 'an address http(s)://host[:port][/path] without user, password, query and fragment, or ""'


def test_mail_needs_the_password_of_its_user(folder):
    assert folder.write(audit='[mail]\nusername = "u"').places() == ["audit.toml: mail.password"]


def test_a_registry_without_agencies(folder):
    province = AGENCIES.split("[[agencies]]", maxsplit=1)[0]
    assert folder.write(agencies=province).mistake() == ("agencies.toml", "agencies", "(missing)", "must be given")
    assert folder.write(agencies=province.replace("[province]", "agencies = []\n[province]")).mistake()[1] == "agencies"


def test_a_file_that_does_not_parse_is_one_mistake(folder):
    """Whatever other files refer to in it."""
    for name in ("agencies", "audit", "calendar", "law", "labels.vi", "rules", "topics", "waivers"):
        folder.write(**{name: "= nothing"})
        assert folder.places() == [f"{name}.toml: "]
        (folder.path / f"{name}.toml").unlink()


def test_a_file_beyond_all_measure_is_not_read(folder, monkeypatch):
    monkeypatch.setattr("audit.settings.loading.FILE_BYTES_MAX", 100)
    folder.write(topics="# " + "x" * 100)
    assert ("topics.toml", "", "(not readable)", "a file that can be read (larger than 100 bytes)") in folder.mistakes()


def test_the_law_names_rules_that_there_are_and_ids_of_their_own(folder):
    text = (SHIPPED / "law.toml").read_text(encoding="utf-8")
    folder.write(law=text.replace('id = "undelivered-hours"', 'id = "qd28-d6"', 1) + 'late = ["qd28-d6"]\n')
    assert folder.places() == ["law.toml: policies[1].id", "law.toml: rules.late", "law.toml: rules.undelivered"]


# -- mistakes: all at once --------------------------------------------------------------------------------------------


def test_every_mistake_of_every_file_at_once(folder):
    folder.write(
        agencies=AGENCIES
        + """
            colour = "red"
            kind_of = 3
            [[agencies]]
            code = "H03.17"
            name = "Thanh tra tỉnh"
            kind = "inspectorate"
            aliases = ["H03.16"]
            [agencies.source]
            kind = "log_api"
            base_url = "https://a.example"
            """.replace("            ", ""),
        rules="[limits]\nbacklog_working_days = -1\n[rules.nothing]\n",
        signers='[[signers]]\nagency = "H03.17"\nname = "A"\nposition = "B"\n[[signers]]\nagency = "H03.99"\nname = ""\nposition = "B"\n',
        topics="nonsense",
        audit='[mail]\nenabled = true\n[pull]\nattempts = "many"',
    )
    assert folder.places() == [
        "agencies.toml: agencies[2].colour",
        "agencies.toml: agencies[2].kind_of",
        "agencies.toml: agencies[3].aliases",
        "agencies.toml: agencies[3].kind",
        "agencies.toml: agencies[3].source.token",
        "audit.toml: mail.host",
        "audit.toml: mail.sender",
        "audit.toml: pull.attempts",
        "rules.toml: limits.backlog_working_days",
        "rules.toml: rules.nothing",
        "signers.toml: signers[2].agency",  # signers[1] is fine: H03.17 is there, whatever else is wrong with it
        "signers.toml: signers[2].name",
        "topics.toml: ",
    ]


def test_the_priority_topic_is_the_named_one_else_the_first(folder):
    two = '[[topics]]\nid = "a"\nname = "a"\npatterns = ["a"]\n[[topics]]\nid = "b"\nname = "b"\npatterns = ["b"]\n'
    assert folder.write(topics=two).load().priority_topic.id == "a"
    assert folder.write(audit='priority_topic = "b"').load().priority_topic.id == "b"
    assert folder.write(topics="", audit="").load().priority_topic is None


def test_a_long_value_is_cut(folder):
    _, _, value, _ = folder.write(rules=f'[limits]\nbacklog_working_days = "{"9" * 500}"').mistake()
    assert len(value) == 80


# -- secrets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["token", "secret", "password"])
def test_a_secret_itself_is_refused_and_never_shown(folder, key):
    source = f'[agencies.source]\nkind = "log_api"\nbase_url = "https://a.example"\ntoken = "env:A"\n{key} = "hunter2-hunter2"\n'.replace(
        'token = "env:A"\ntoken', "token"
    )
    with pytest.raises(ConfigError) as caught:
        folder.write(agencies=AGENCIES + source).load()
    (mistake,) = caught.value.mistakes
    assert (mistake.key, mistake.value) == (f"agencies[2].source.{key}", "(hidden)")
    assert 'a reference, "env:NAME" or "file:/path"' in mistake.allowed
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(caught.value)


@pytest.mark.parametrize("reference", ["env:", "env:A B", "file:relative", "file:", "ENV:A", "vault:x"])
def test_references_of_another_form_are_refused(folder, reference):
    folder.write(audit=f'[mail]\npassword = "{reference}"')
    assert folder.mistake()[1:3] == ("mail.password", "(hidden)")


def test_a_secret_from_the_environment(monkeypatch):
    monkeypatch.setenv("H03_16_TOKEN", " s3cret\n")
    assert Reference("env:H03_16_TOKEN").resolve().reveal() == "s3cret"


def test_a_secret_from_a_file_of_its_owner(tmp_path):
    path = tmp_path / "token"
    path.write_text("s3cret\n", encoding="utf-8")
    path.chmod(0o600)
    assert Reference(f"file:{path}").resolve().reveal() == "s3cret"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_file_that_others_may_read_is_refused(tmp_path, mode):
    path = tmp_path / "token"
    path.write_text("s3cret", encoding="utf-8")
    path.chmod(mode)
    with pytest.raises(
        ConfigError, match=r"agencies\[1\].source.token = file:.*: a file that only its owner may read"
    ) as caught:
        Reference(f"file:{path}").resolve("agencies[1].source.token")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "  \n", "two\nlines", "bell\x07", "Bearer\r\nX-Evil: 1"])
def test_a_secret_is_one_line_with_something_in_it(tmp_path, content):
    path = tmp_path / "token"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="a secret of one line that is not empty"):
        Reference(f"file:{path}").resolve()


def test_references_that_lead_nowhere(tmp_path, monkeypatch):
    monkeypatch.delenv("NOT_THERE", raising=False)
    os.mkfifo(tmp_path / "pipe", 0o600)
    for reference in ("env:NOT_THERE", f"file:{tmp_path}/absent", f"file:{tmp_path}", f"file:{tmp_path}/pipe"):
        with pytest.raises(ConfigError, match=r"a text file that can be read|only its owner|that is set"):
            Reference(reference).resolve()


def test_a_secret_shows_nowhere():
    secret = Secret("s3cret")
    for text in (repr(secret), str(secret), f"{secret}", f"{secret!r:>40}", repr([secret])):
        assert "s3cret" not in text
    with pytest.raises(TypeError):
        secret.__reduce__()


def test_mail_may_go_to_allowed_domains_and_those_below_them_only(folder: Folder) -> None:
    recipients = "".join(
        f'[[recipients]]\naddress = "{address}"\nname = "A"\neditions = ["alert"]\n'
        for address in ("a@tinh.example", "b@so.tinh.example", "c@xtinh.example")
    )
    audit = '[mail]\nallowed_domains = ["tinh.example"]'
    assert folder.write(audit=audit, recipients=recipients).mistake() == (
        "recipients.toml", "recipients[3].address", "'c@xtinh.example'", "an address of a domain in mail.allowed_domains (tinh.example)",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "is_right"),
    [
        ("https://qlvb.example/vb?so={number}&kh={notation}", True),
        ("https://qlvb.example/vb", False),
        ("javascript:alert({number})", False),
        ("https://qlvb.example/{subject}", False),
        ("https://qlvb.example/{number.__class__}", False),
    ],
)
def test_a_documents_address_has_places_for_number_and_notation(pattern: str, is_right: bool) -> None:
    values = {"code": "H03.12", "name": "Sở", "kind": "department", "document_url": pattern}
    if is_right:
        assert Agency.model_validate(values).document_url == pattern
    else:
        with pytest.raises(ValidationError, match="an address such as"):
            Agency.model_validate(values)
