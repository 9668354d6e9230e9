"""Between conforming and judging: fetch the files that agencies let the audit look at, and verify their signatures.

A file is fetched once (`audit.verified_files`), only from an agency whose source says `files = true`, and only PDFs.
What came inside messages is taken from the evidence (`audit.pipeline.carried`) instead.
Its bytes go to the verifier and nowhere else: nothing of a document's content is kept. What could not be fetched stays
unknown, so the log's word counts, and is asked for again the next night as long as its day is open.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from audit.errors import AuditError, DataError, SourceError
from audit.http import HttpClient
from audit.pipeline.carried import MESSAGES, CarriedFiles, Place
from audit.pipeline.workspace import Run, Workspace
from audit.settings import SHIPPED, Agency
from audit.signatures import Bounds, Trust, Verifier
from audit.verified_files import VerifiedFiles

logger = logging.getLogger(__name__)

TRUST_FOLDER: Final = "trust"
FETCH_KINDS: Final = frozenset({"log_api"})
"""Kinds of source with an address for files (log-api.md)."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of the files of one agency: how many were verified, could not be read, and could not be fetched."""

    verified: int = 0
    unread: int = 0
    failed: int = 0


def trust_of(workspace: Workspace) -> Trust:
    """The accepted CAs of the deployment: `trust/` of its config folder, else the shipped one.

    Raises:
        DataError: a file there is neither a certificate nor a revocation list.
    """
    own = workspace.settings.folder / TRUST_FOLDER
    names = (agency.name for agency in workspace.settings.agencies)
    return Trust.read(own if own.is_dir() else SHIPPED / TRUST_FOLDER, names)


def verify_days(workspace: Workspace, run: Run, days: Sequence[date]) -> Fetched:
    """Verify the files that the documents of some days' log name, where that is switched on and allowed.

    What hinders it is told in the operator's log and hinders nothing else: a night without verification still has its
    report, which says how many signatures rest on the agencies' word.

    Returns:
        the counts over all agencies; they stand in the run, too.
    """
    agencies = [agency for agency in workspace.settings.agencies if _lets_fetch(agency)]
    if not (workspace.settings.audit.verify.enabled and agencies):
        return Fetched()
    try:
        trust = trust_of(workspace)
    except DataError as error:
        logger.error("no signatures are verified: %s", error)  # noqa: TRY400  # the cause is in the text
        run.counts["verification_failed"] = str(error)
        return Fetched()
    wanted = _wanted(workspace, trust.digest, days, {agency.code for agency in agencies})
    asked = [(agency, wanted[agency.code]) for agency in agencies if agency.code in wanted]
    with ThreadPoolExecutor(max_workers=workspace.settings.audit.verify.processes) as pool:
        results = list(pool.map(lambda one: _verify_agency(workspace, trust, *one), asked))
    done = Fetched(*(sum(getattr(one, name) for one in results) for name in ("verified", "unread", "failed")))
    run.counts |= {"files_verified": done.verified, "files_unread": done.unread, "files_not_fetched": done.failed}
    return done


def _lets_fetch(agency: Agency) -> bool:
    source = agency.source
    return agency.is_pulled and source is not None and source.files and source.kind in {*FETCH_KINDS, *MESSAGES}


def _wanted(workspace: Workspace, basis: str, days: Sequence[date], agencies: set[str]) -> dict[str, dict[str, Place]]:
    """The hashes to ask each agency for: of PDFs, told in its own log, not verified yet; each of one agency only. With
    each the page that tells of it, and in the order of the pages.
    """
    columns = ["agency", "name", "content_type", "sha256", "log_day", "page"]
    files = workspace.log.read("files", days, columns)
    name, kind = files["name"].astype("str").str.casefold(), files["content_type"].astype("str").str.casefold()
    is_pdf = name.str.endswith(".pdf").fillna(value=False) | kind.str.startswith("application/pdf").fillna(value=False)
    asked = files[is_pdf & files["sha256"].notna() & files["agency"].isin(agencies)]
    asked = asked.drop_duplicates("sha256")
    known = VerifiedFiles(workspace.verified_folder).known(asked["sha256"], basis)
    left = asked[~asked["sha256"].isin(known)]
    wanted: dict[str, dict[str, Place]] = {}
    for row in left.sort_values(["log_day", "page"], kind="stable").itertuples():
        place = Place(date.fromisoformat(str(row.log_day)[:10]), str(row.page))
        wanted.setdefault(str(row.agency), {})[str(row.sha256)] = place
    return wanted


def _verify_agency(workspace: Workspace, trust: Trust, agency: Agency, places: Mapping[str, Place]) -> Fetched:
    """As `_verify_files`; what hinders all files of an agency (a secret that is not there, a full disk) is told."""
    try:
        return _verify_files(workspace, trust, agency, places)
    except AuditError as error:
        logger.error("%s: its files are not verified: %s", agency.code, error)  # noqa: TRY400  # the cause is in the text
        return Fetched(failed=len(places))


def _verify_files(workspace: Workspace, trust: Trust, agency: Agency, places: Mapping[str, Place]) -> Fetched:
    """Fetch and verify some files of one agency; after `failures_max` failures in a row the rest waits for the next
    night.
    """
    policy, store = workspace.settings.audit.verify, VerifiedFiles(workspace.verified_folder)
    bounds = Bounds(policy.file_bytes_max, policy.memory_bytes_max, policy.cpu_seconds_max, policy.wall_seconds_max)
    deadline = time.monotonic() + policy.agency_minutes_max * 60
    verified = unread = in_a_row = 0
    kind = agency.source.kind if agency.source else ""
    files = (
        CarriedFiles(workspace, agency.code, kind, places)
        if kind in MESSAGES
        else FileSource(workspace, agency, deadline)
    )
    with Verifier(trust, bounds) as verifier, files as source:
        for sha256 in places:
            if in_a_row == policy.failures_max or time.monotonic() >= deadline:
                break
            content = source.fetch(sha256)
            if content is None:
                in_a_row += 1
                continue
            in_a_row = 0
            facts = verifier.verify(content)
            store.keep(sha256, trust.digest, facts)
            verified += facts.is_read
            unread += not facts.is_read
    return Fetched(verified, unread, len(places) - verified - unread)


class FileSource:
    """The files of one agency: `GET {base}/v1/files/{sha256}` (log-api.md). For one thread; a context manager."""

    def __init__(self, workspace: Workspace, agency: Agency, deadline: float) -> None:
        source, policy = agency.source, workspace.settings.audit
        if source is None or source.base_url is None or source.token is None:
            raise ValueError(f"{agency.code} has no log_api source")  # the settings have checked it
        bounded = source.model_copy(update={"page_bytes_max": policy.verify.file_bytes_max})
        self._agency = agency.code
        self._url = f"{source.base_url}/v1/files"
        scheme = "Bearer " if source.header.lower() == "authorization" else ""
        token = source.token.resolve(f"{agency.code}.source.token")
        self._headers = {source.header: f"{scheme}{token.reveal()}", "Accept": "application/pdf"}
        self._http = HttpClient(agency.code, bounded, policy.pull, deadline)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def fetch(self, sha256: str) -> bytes | None:
        """The bytes that have this hash; None where the agency does not give them, or gives others."""
        try:
            answer = self._http.ask(f"{self._url}/{sha256}", headers=self._headers)
        except SourceError as error:
            logger.info("%s: file %s not fetched: %s", self._agency, sha256[:12], error.reason)
            return None
        if hashlib.sha256(answer.body).hexdigest() != sha256:
            logger.warning("%s: file %s has other bytes than its log says", self._agency, sha256[:12])
            return None
        return answer.body
