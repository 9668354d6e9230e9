"""What no file can know alone: that names in one place are there in another, and that two files say the same.

Every check works on what could be read; a file that could not be read at all says enough by its own mistakes.
"""

from __future__ import annotations

from collections.abc import Iterator

from audit.errors import Mistake
from audit.settings.check_agencies import check_agencies
from audit.settings.check_catalogue import check_catalogue
from audit.settings.parts import Parts


def check(parts: Parts) -> Iterator[Mistake]:
    """All mistakes between the files."""
    yield from check_agencies(parts)
    yield from check_catalogue(parts)
    yield from parts.repeated("topics", "topics", "id")
    yield from _deployment(parts)
    yield from _mail(parts)
    yield from _calendar(parts)


def _deployment(parts: Parts) -> Iterator[Mistake]:
    """``audit.toml`` agrees with the files beside it."""
    if parts.audit is None:
        return
    audit, province = parts.audit, parts.table("agencies", "province").get("code")
    if audit.province and isinstance(province, str) and audit.province != province:
        yield parts.mistake("audit", "province", audit.province, f"the province of agencies.toml, {province!r}")
    if audit.time_zone and parts.calendar is not None and audit.time_zone != parts.calendar.timezone:
        allowed = f"the zone of calendar.toml, {parts.calendar.timezone!r}"
        yield parts.mistake("audit", "time_zone", audit.time_zone, allowed)
    topics = parts.texts("topics", "topics", "id")
    if audit.priority_topic and parts.models.get("topics") is not None and audit.priority_topic not in topics:
        yield parts.mistake("audit", "priority_topic", audit.priority_topic, "the id of a topic of topics.toml")


def _mail(parts: Parts) -> Iterator[Mistake]:
    """Whoever wants mail says through whom; no password travels in clear."""
    if parts.audit is None:
        return
    mail = parts.audit.mail
    for key in ("host", "sender") if mail.enabled else ():
        if not getattr(mail, key):
            yield parts.mistake("audit", f"mail.{key}", None, "must be given where mail.enabled is true")
    if parts.audit.watch.operators and not mail.enabled:
        yield parts.mistake("audit", "mail.enabled", mail.enabled, "true beside watch.operators: they are told by mail")
    for number, entry in parts.entries("recipients", "recipients"):
        address = entry.get("address")
        if isinstance(address, str) and not mail.may_go_to(address):
            allowed = f"an address of a domain in mail.allowed_domains ({', '.join(mail.allowed_domains)})"
            yield parts.mistake("recipients", f"recipients[{number}].address", address, allowed)
    signature = parts.audit.report.signature
    if signature.pkcs12_file and signature.password is None:
        yield parts.mistake("audit", "report.signature.password", None, "must be given beside pkcs12_file")
    if mail.username and mail.security == "none":
        allowed = "starttls or tls beside mail.username: the password would travel in clear"
        yield parts.mistake("audit", "mail.security", mail.security, allowed)
    if mail.username and mail.password is None:
        yield parts.mistake("audit", "mail.password", None, "must be given beside mail.username")


def _calendar(parts: Parts) -> Iterator[Mistake]:
    """Days stand under their year, days off in the working week, days worked outside it."""
    calendar = parts.calendar
    if calendar is None:
        return
    lists = (
        ("days_off", calendar.days_off, "days of"),
        ("saturdays_worked", calendar.saturdays_worked, "days outside"),
    )
    for key, listed, where in lists:
        for year, days in listed.items():
            for day in days:
                if str(day.year) != year:
                    yield parts.mistake("calendar", f"{key}.{year}", day, f"days of {year}")
                elif (day.isoweekday() in calendar.working_weekdays) is not (key == "days_off"):
                    yield parts.mistake("calendar", f"{key}.{year}", day, f"{where} the working week")
