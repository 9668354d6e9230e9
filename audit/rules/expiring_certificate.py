"""H3 – Chứng thư máy chủ sắp hết hạn: the certificate of an endpoint must be renewed now.

Basis: QĐ 28/2018/QĐ-TTg Điều 6 and letter 814 item 2. The number of days is policy.
Population: endpoints probed in the period, of agencies in scope; anchor = the last probe of the period.
Breach: at the last probe up to `as_of` that tells a certificate, it ends within [30] days of `as_of`, or has ended.
    extra = host of the health URL.
No breach: it lasts longer. Undecided where no probe told a certificate (the system was down, or is asked without TLS).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np

from audit.facts.arrays import latest
from audit.facts.sending import instant_texts
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each
from audit.working_time import DAY, NAT

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member an endpoint; the agency whose endpoint it is is blamed."""
    probes, size = facts.probes, len(facts.agencies)
    here = np.flatnonzero(facts.period.holds_event(probes.at))
    last_at = latest(size, probes.agency[here], probes.at[here])
    ends_at = np.full(size, NAT, dtype=np.int64)
    tells = probes.certificate_ends_at != NAT
    # in the order of time: the last assignment stays
    ends_at[probes.agency[tells]] = probes.certificate_ends_at[tells]
    agency = np.flatnonzero(last_at != NAT)
    agency = agency[facts.agencies.in_scope(agency, facts.day_of(last_at[agency]))]
    ends_at = ends_at[agency]
    soon = facts.period.as_of_at + facts.policy.limits.certificate_days * DAY
    population = members(
        agency=agency,
        decided=ends_at != NAT,
        breach=ends_at <= soon,
        anchored_at=last_at[agency],
        severity=Severity.LOW,
        extra=np.array([health_host(facts, place) for place in agency.tolist()], dtype=object),
    )
    ending = instant_texts(ends_at[population.breach])
    return one_finding_each(population, [{"certificate_ends_at": text} for text in ending])


def health_host(facts: Facts, agency: int) -> str:
    """The host that is probed for an agency; `""` where its probes come from elsewhere and nothing tells the host."""
    source = facts.registry.agencies[agency].source
    return "" if source is None else urlsplit(source.probe_url).hostname or ""


RULE = Rule(
    code="H3", id="expiring_certificate", severity=Severity.LOW, member="endpoint", judge=judge, follows_topic=False
)
