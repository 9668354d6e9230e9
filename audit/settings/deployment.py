"""``audit.toml``: where the job lives, when it runs, how much at once, how long it keeps, how it mails."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictInt

from audit.settings.base import Clock, Code, Flag, Identifier, Positive, Seconds, Section, Text, Unique, Whole, refuse
from audit.settings.registers import MailAddress
from audit.settings.secrets import Reference


def _without_password(url: str) -> str:
    if url and not re.fullmatch(r"[a-z0-9+]+://(?:[^:@/\s]*@)?[^@\s]*", url):
        raise refuse("a SQLAlchemy URL without a password, such as postgresql+psycopg://audit@db.example/audit")
    return url


class Storage(Section):
    """``[storage]``"""

    data: Text = "var"
    """Folder of evidence, log and ledger; ``--data`` wins."""
    out: Text = "out"
    """Folder of the reports; ``--out`` wins."""
    database_url: Annotated[str, AfterValidator(_without_password)] = ""
    """SQLAlchemy URL of the ledger, without a password; ``""``: SQLite in the data folder."""
    database_password: Reference | None = None


class Schedule(Section):
    """``[schedule]``: local times, for ``serve``; cron has its own."""

    daily: Clock = time(5, 30)
    weekly: Clock = time(6, 30)
    """Hour of the reports: of the week, and of month and quarter on the first working day after them."""
    weekly_weekday: Annotated[StrictInt, Field(ge=1, le=7)] = 1
    """1 = Monday."""
    editions: Annotated[tuple[Literal["weekly", "monthly", "quarterly"], ...], Unique] = (
        *("weekly", "monthly", "quarterly"),
    )
    """The reports that come by themselves."""
    alert_minutes: Whole = 0
    """Distance of looks at the running day, day and night but for the quiet hours of ``[alert]``; 0: none."""
    probe_minutes: Whole = 5
    """Distance of probes; 0: none."""


class Pull(Section):
    """``[pull]``"""

    agencies_at_once: Annotated[StrictInt, Field(ge=1, le=64)] = 8
    open_days: Annotated[StrictInt, Field(ge=1, le=366)] = 14
    """How many days back a day that is not complete is asked for again."""
    again_after: Annotated[tuple[Annotated[StrictInt, Field(ge=1, le=60)], ...], Unique] = (1, 3, 6, 10)
    """So many working days after a day it is asked for again though it is complete; a day stays open so long, too."""
    attempts: Annotated[StrictInt, Field(ge=1, le=20)] = 4
    """Most tries of one request within a run."""
    wait_first_s: Seconds = 2.0
    """Wait before the second try; doubled each time, at most `wait_most_s`."""
    wait_most_s: Seconds = 120.0
    agency_minutes_max: Positive = 60
    """Longest time for one agency in one run; what is left stays open."""


class Conform(Section):
    """``[conform]``"""

    workers: Annotated[StrictInt, Field(ge=0, le=64)] = 0
    """Local processes for a day of many rows; 0: one a core, 4 at most."""


class Verify(Section):
    """``[verify]``: whether and how the audit looks into files itself, at agencies whose source says `files = true`."""

    enabled: Flag = True
    processes: Annotated[StrictInt, Field(ge=1, le=64)] = 2
    """Agencies at once, each with a process of its own that verifies."""
    file_bytes_max: Positive = 64 * 1024 * 1024
    """Largest file that is fetched."""
    memory_bytes_max: Annotated[StrictInt, Field(ge=256 * 1024 * 1024)] = 1024 * 1024 * 1024
    """Memory of the process that verifies."""
    cpu_seconds_max: Positive = 10
    """Processor time for one file."""
    wall_seconds_max: Seconds = 30.0
    """Time for one file."""
    failures_max: Positive = 20
    """Files in a row that an agency does not give, after which the rest waits for the next night."""
    agency_minutes_max: Positive = 30
    """Longest time for one agency in one run."""


class Judge(Section):
    """``[judge]``"""

    workers: Annotated[StrictInt, Field(ge=0, le=256)] = 0
    """Local processes; 0: one a core, 4 at most; 1: in this one."""
    shards: Whole = 0
    """Shards by sender; 0: as many as workers."""
    dask: Annotated[str, Field(pattern=r"^$|^dask(\+tls)?://\S+$")] = ""
    """Address of a Dask scheduler, ``dask://host:port``; ``""``: none."""
    dask_log: Annotated[str, Field(pattern=r"^$|^[a-z0-9]+://\S+$")] = ""
    """URL of the folder from which its workers read the log; ``""``: they read it where this machine does."""


class Retention(Section):
    """``[retention]``: days, 0 = for ever."""

    evidence_days: Whole = 0
    log_days: Whole = 0
    reports_days: Whole = 0
    probes_days: Whole = 400


class Alert(Section):
    """``[alert]``: mails about findings, to recipients whose editions have ``alert``."""

    digest: Flag = True
    """Whether ``daily`` ends with a morning digest to each agency that has something to do."""
    reminder_hours: Whole = 4
    """Hours after which a finding of the running day that is still there is told once more; 0: never."""
    quiet_from: Clock = time(21, 0)
    quiet_to: Clock = time(6, 0)
    """Between the two, local times, the running day is not looked at and no alert of it goes out, with or without mail;
    what is still there is told afterwards."""

    def is_quiet_at(self, clock: time) -> bool:
        """Whether a local time lies in the quiet hours; equal times: there are none."""
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= clock < self.quiet_to
        return clock >= self.quiet_from or clock < self.quiet_to


class Mail(Section):
    """``[mail]``"""

    enabled: Flag = False
    host: str = ""
    port: Annotated[StrictInt, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: Reference | None = None
    sender: MailAddress | Literal[""] = ""
    sender_name: str = ""
    reply_to: MailAddress | Literal[""] = ""
    ca_file: str = ""
    timeout_s: Seconds = 30.0
    attachment_bytes_max: Positive = 20 * 1024 * 1024
    allowed_domains: Annotated[tuple[Text, ...], Unique] = ()
    """Domains to which mail may go, those below them included; empty: any."""

    def may_go_to(self, address: str) -> bool:
        """Whether the address lies in an allowed domain."""
        domain = address.rpartition("@")[2].casefold()
        allowed = [each.casefold().lstrip("@.") for each in self.allowed_domains]
        return not allowed or any(domain == each or domain.endswith(f".{each}") for each in allowed)


class Watch(Section):
    """``[watch]``: who is told that the job itself needs a look."""

    operators: Annotated[tuple[MailAddress, ...], Unique] = ()
    """Get a mail when something needs a look, and when it is over; through ``[mail]``."""
    ping_url: Reference | None = None
    """Address that is asked for after each night's work that ended; whoever knows it can keep the monitor quiet."""
    ping_timeout_s: Annotated[float, Field(strict=True, gt=0, le=60)] = 10.0
    textfile: str = ""
    """File for node_exporter's textfile collector, written after each piece of work; ``""``: none."""


class ReportSignature(Section):
    """``[report.signature]``: the key with which the department signs the PDFs of its reports."""

    pkcs12_file: str = ""
    """``""``: they are not signed."""
    password: Reference | None = None


class Report(Section):
    """``[report]``: what the report's head and foot say (NĐ 30/2020, Phụ lục I and III, Mẫu 1.4)."""

    superior: str = ""
    """The organ above the issuing one, left of the head; ``""``: the province."""
    issuer: Text = "Sở Thông tin và Truyền thông"
    notation: Text = "BC-STTTT"
    addressees: Annotated[tuple[Text, ...], Unique] = ()
    copies: Annotated[tuple[Text, ...], Unique] = ()
    """Lines of *Nơi nhận*."""
    drafting_unit: str = ""
    """After ``Lưu: VT,``: short name of the division that drafts the report (NĐ 30/2020, Phụ lục I, mục II.9)."""
    own_units: str = ""
    """Whom the notice about the issuing agency itself is for; ``""``: its divisions in general words."""
    mandate: str = ""
    """The sentence that names what the report answers."""
    mask_signers: Flag = False
    """Whether signers' names are initials for all readers but those of the agency that issued the document."""
    trends_follow_successors: Flag = True
    """Whether the trend of an agency that took others over goes on into their past; figures of a period never do."""
    pdf: Literal["pdf/ua-1", "pdf/a-2a", "pdf/a-3a"] = "pdf/ua-1"
    """For readers with aids, or for the archive."""
    processes: Annotated[StrictInt, Field(ge=1, le=64)] = 2
    """Files of agencies that are made at once, each in a process of its own."""
    signature: ReportSignature = ReportSignature()


class AuditSettings(Section):
    """The whole of ``audit.toml``."""

    province: Code | None = None
    """If given, must be the province of ``agencies.toml``: a guard against mixing two deployments."""
    time_zone: Text | None = None
    """If given, must be the zone of ``calendar.toml``."""
    priority_topic: Identifier | None = None
    """Topic that page 1 speaks of; None: the first of ``topics.toml``."""
    storage: Storage = Storage()
    schedule: Schedule = Schedule()
    pull: Pull = Pull()
    conform: Conform = Conform()
    verify: Verify = Verify()
    judge: Judge = Judge()
    retention: Retention = Retention()
    alert: Alert = Alert()
    mail: Mail = Mail()
    watch: Watch = Watch()
    report: Report = Report()
