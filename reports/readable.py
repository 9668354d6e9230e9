"""Findings as readers see them: codes turned into names and words, instants into wall time, facts into a phrase.

Columns that a document has are made first, then those of its rule, then those of time; everything is vectorised, or
done once a distinct value.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import numpy as np
import pandas as pd

from reports import cures, labels, reasons, secrecy, text
from reports.inputs import AgencyInfo, RuleInfo
from reports.parts import citations

FIRST_RULE = secrecy.RULE
"""The rule whose findings come before all others, however few: a secret must be taken back at once."""
OF_MESSAGE = "R"
"""After the code of a rule: not a document failed, but a message that recalls or updates one."""
_SUBJECT_LIMIT, _NOTE_LIMIT = 300, 2000
_BY_URGENCY = "late_forwarding"
"""The rule with limits of both kinds: those of urgent documents run by the clock (rules.md, N4)."""
_BY_NUMBER = "number_reused"
_BY_CERTIFICATE = "invalid_certificate"
_BY_REGISTER = "number_gap"
"""The rule of which number, notation and date are a number, a kind and a year."""
_KEYLESS = "(thiếu số, ký hiệu hoặc ngày ban hành)"
_TWIN = "cơ quan còn một văn bản khác cùng số, ký hiệu, ngày ban hành"
_NEXT_TIME = "Lần sau: "
_AS_SENT = "Không sửa được văn bản đã gửi; "
_OF_SYSTEM = "system_outage"
"""The rule whose remedy is an act whether or not the system is up again, and which has no document."""
_DAY = 24 * 60
_URGENT = ("khan", "thuong_khan", "hoa_toc")
_INSTANTS = {
    "deadline": "deadline_at",
    "observed": "observed_at",
    "anchored": "anchored_at",
    "first_seen": "first_seen_at",
}
_ENDS = ("deadline", "first_seen")
"""Instants that end a day where they are midnight: a limit, and the end of the day with whose log a finding was made.
The others are events, and what happened at 00:00 happened on the day that begins."""

Words = Mapping[str, Mapping[str, str]]


def readable_findings(
    findings: pd.DataFrame,
    agencies: Mapping[str, AgencyInfo],
    rules: Mapping[str, RuleInfo],
    words: Words,
    secrets: frozenset[secrecy.Key] = frozenset(),
) -> pd.DataFrame:
    """`whole_findings` as everybody may read them: nothing tells which documents are the secret ones."""
    return secrecy.hidden(whole_findings(findings, agencies, rules, words, secrets))


def whole_findings(
    findings: pd.DataFrame,
    agencies: Mapping[str, AgencyInfo],
    rules: Mapping[str, RuleInfo],
    words: Words,
    secrets: frozenset[secrecy.Key] = frozenset(),
) -> pd.DataFrame:
    """Findings with everything that readers see, worst first: by severity, a secret on the axis, what can still be
    cured, topic, longest delay, oldest deadline, id. Not for readers as it is: what secret documents are is not hidden.
    `secrets`: such documents beside those of which the findings tell themselves.

    Columns: finding_id, rule, code, kind (the code; `G1R`, `G2R` of a message that recalls or updates), group,
    group_title, agency, agency_name, severity, severity_rank (0 = critical), weight (8 4 2 1), severity_text, title,
    remedy, document, issued_on (datetime64, local day), subject, sender, recipient (names), sender_code,
    recipient_code, deadline, observed, anchored, first_seen (datetime64, local wall time; NaT = none), delay_minutes,
    delay_working_hours, delay_clock_hours (each of what is counted so; NaN: it has no deadline; 0: overdue, but no
    working time has passed since), delay_text, why, basis, topic, urgency, urgency_text, state, state_text, is_open,
    is_carried, is_curable (False: a finished fact that no act can undo, `reports.cures`), duty_text, is_secret (about a
    secret document, `reports.secrecy`), url, note (what the agency last wrote about it; `""` = none).

    Raises:
        KeyError: a finding names a rule that the catalogue does not know.
    """
    raw = findings.reset_index(drop=True)
    unknown = set(raw["rule"]) - set(rules)
    if unknown:
        raise KeyError(f"findings name rules that the catalogue does not know: {sorted(unknown)}")
    secrets = secrets | secrecy.secret_documents(raw)
    raw = secrecy.without_traces(raw, secrets)
    names = {agency.code: agency.name for agency in agencies.values()}
    frame = pd.concat([_of_document(raw, names, words), _of_rule(raw, rules, words)], axis="columns")
    frame = pd.concat([frame, _of_time(raw, frame)], axis="columns")
    frame["is_secret"] = secrecy.is_secret(raw, secrets)
    frame["is_curable"] = cures.curable(raw["rule"], frame["observed"])
    frame["duty_text"] = np.where(frame["is_curable"], words["duties"]["cure"], words["duties"]["learn"])
    frame["remedy"] = frame["remedy"].where(frame["is_curable"], _afterwards(frame["rule"], frame["remedy"]))
    frame["remedy"] = frame["remedy"].mask(_signed_too_early(raw), words["remedies"]["signed_too_early"])
    frame["why"] = _with_twins(reasons.explain(raw, frame, words, names), raw)
    frame["basis"] = _cited(raw["basis"])
    frame["is_open"] = frame["state"].isin(labels.OPEN_STATES)
    frame["is_carried"] = raw["is_carried"].astype(bool) if "is_carried" in raw.columns else False
    frame["state_text"] = _states(raw, words["states"])
    frame["url"] = _urls(raw, agencies)
    frame["note"] = _cleaned(raw["note"], _NOTE_LIMIT) if "note" in raw.columns else ""
    return _worst_first(frame)


def _of_document(raw: pd.DataFrame, names: Mapping[str, str], words: Words) -> pd.DataFrame:
    """What the document is, and whom it concerns; `names` of agencies by code."""
    frame = raw[["finding_id", "agency", "state"]].astype(object)
    for column in ("topic", "urgency"):
        frame[column] = raw[column].astype(object).where(raw[column].notna(), "")
    frame["agency_name"] = _mapped(frame["agency"], names)
    for column in ("sender", "recipient"):
        frame[f"{column}_code"] = raw[column].astype(object).where(raw[column].notna(), "")
        frame[column] = _mapped(frame[f"{column}_code"], names)
    frame["document"] = _documents(raw)
    frame["issued_on"] = _local_day(raw["issued_date"])
    frame["subject"] = _cleaned(raw["subject"], _SUBJECT_LIMIT)
    frame["urgency_text"] = frame["urgency"].map(words["urgency"]).fillna("").astype(object)
    return frame


def _of_rule(raw: pd.DataFrame, rules: Mapping[str, RuleInfo], words: Words) -> pd.DataFrame:
    """What the rule is called, how grave its breach is, and what to do.

    Of the rules that judge documents and messages, only the findings about messages have an `extra` (rules.md,
    *Finding id*).
    """
    frame = raw[["rule", "code", "severity"]].astype(object)
    ranks = {severity: rank for rank, severity in enumerate(labels.SEVERITIES)}
    frame["group"] = frame["code"].str[0]
    frame["group_title"] = frame["group"].map(words["groups"])
    frame["severity_rank"] = frame["severity"].map(ranks).astype("int64")
    frame["weight"] = 8 // 2 ** frame["severity_rank"]
    frame["severity_text"] = frame["severity"].map(words["severities"])
    about_message = raw["rule"].isin(words["recall_titles"]) & raw["extra"].fillna("").ne("")
    titles, remedies = ({rule.id: getattr(rule, name) for rule in rules.values()} for name in ("title", "remedy"))
    frame["kind"] = frame["code"].mask(about_message, frame["code"] + OF_MESSAGE)
    frame["title"] = _worded(raw["rule"], titles, words["recall_titles"], about_message)
    frame["title"] = frame["title"].mask(_in_part(raw, words), raw["rule"].map(words["partial_titles"]))
    frame["remedy"] = _worded(raw["rule"], remedies, words["recall_remedies"], about_message)
    frame["elapsed"] = frame["rule"].map({rule.id: rule.elapsed for rule in rules.values()}).astype(bool)
    return frame


def _worded(
    rule: pd.Series, usual: Mapping[str, str], of_recalls: Mapping[str, str], about_message: pd.Series
) -> pd.Series:
    """The rule's words; those of a request to recall or update where such a message failed and not the document."""
    return rule.map(usual).astype(object).mask(about_message, rule.map(of_recalls))


def _in_part(raw: pd.DataFrame, words: Words) -> pd.Series:
    """Whether a finding is about a log of which some tables came."""
    told = [
        rule in words["partial_titles"]
        and not set(words["tables"]).issubset(reasons.facts_of(detail).get("tables") or words["tables"])
        for rule, detail in zip(raw["rule"], raw["detail"], strict=True)
    ]
    return pd.Series(told, raw.index, dtype=bool)


def _signed_too_early(raw: pd.DataFrame) -> pd.Series:
    """Whether nothing is wrong with a certificate but that it was not in force yet: it need not be issued anew."""
    told = [
        rule == _BY_CERTIFICATE and reasons.signed_too_early(detail)
        for rule, detail in zip(raw["rule"], raw["detail"], strict=True)
    ]
    return pd.Series(told, raw.index, dtype=bool)


def _afterwards(rules: pd.Series, remedies: pd.Series) -> pd.Series:
    """What to do about what can no longer be cured: better in future, or, where a setting caused it, now."""
    lower = remedies.str[:1].str.lower() + remedies.str[1:]
    of_settings, of_systems = rules.isin(cures.OF_SETTINGS), rules == _OF_SYSTEM
    told = (_NEXT_TIME + lower).mask(of_settings, _AS_SENT + lower)
    return told.mask(of_systems, remedies).astype(object)


def _with_twins(why: pd.Series, raw: pd.DataFrame) -> pd.Series:
    """The reasons; of one of two documents of one key also that there is another one. L2 tells it by itself."""
    is_twin = raw["number"].fillna("").str.contains("#", regex=False) & (raw["rule"] != _BY_NUMBER)
    return why.mask(is_twin, why + np.where(why == "", "", "; ") + np.where(why == "", text.sentence(_TWIN), _TWIN))


def _of_time(raw: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """When it was due, when it happened, how late that is."""
    frame = pd.DataFrame({column: local_time(raw[source]) for column, source in _INSTANTS.items()})
    for column in _ENDS:
        frame[column] = _within_its_day(frame[column])
    frame["delay_minutes"] = pd.to_numeric(raw["delay_minutes"], errors="coerce").astype("float64")
    by_clock = known["elapsed"] | ((known["rule"] == _BY_URGENCY) & known["urgency"].isin(_URGENT))
    frame["delay_working_hours"] = (frame["delay_minutes"] / 60).mask(by_clock)
    frame["delay_clock_hours"] = (frame["delay_minutes"] / 60).where(by_clock)
    frame["delay_text"] = _delays(frame["delay_minutes"], by_clock)
    return frame


def _within_its_day(ends: pd.Series) -> pd.Series:
    """24:00 belongs to the day that it ends: a clerk must not read the next day's 00:00 as a day more."""
    midnight = ends.notna() & (ends == ends.dt.normalize())
    return ends.where(~midnight, ends - pd.Timedelta(minutes=1))


def _worst_first(frame: pd.DataFrame) -> pd.DataFrame:
    keys = frame.assign(
        _common=frame["rule"] != FIRST_RULE,
        _done=~frame["is_curable"],
        _unmarked=frame["topic"] == "",
        _late=-frame["delay_minutes"].fillna(0.0),
    )
    order = keys.sort_values(
        ["severity_rank", "_common", "_done", "_unmarked", "_late", "deadline", "finding_id"],
        kind="stable",
        na_position="last",
    )
    return order.drop(columns=["_common", "_done", "_unmarked", "_late"]).reset_index(drop=True)


def _documents(raw: pd.DataFrame) -> pd.Series:
    """What each finding is about: a document by number and notation, or a number that a register lacks."""
    names, day = document_names(raw), raw["issued_date"].astype("str").where(raw["issued_date"].notna(), "")
    numbers, notations = (raw[name].astype(object).where(raw[name].notna(), "") for name in ("number", "notation"))
    # A document that lacks one of the three is known by the uid of its agency's system, which stands as the number.
    names = names.mask((numbers != "") & (notations == "") & (day == ""), _KEYLESS)
    of_register = raw["rule"] == _BY_REGISTER
    kinds = notations + np.where(notations == "", "", ", ")
    return names.mask(of_register, "Số " + names.str.split("/").str[0] + " (" + kinds + "năm " + day + ")")


def document_names(raw: pd.DataFrame) -> pd.Series:
    """`05/QĐ-UBND`: number (below ten with a zero, NĐ 30/2020 PL I) and notation; what is missing is left out.

    The uid behind the number of the second of two documents of one key (rules.md, *Finding id*) is for the key alone.
    """
    numbers = _cleaned(_without_uid(raw["number"]), 40)
    numbers = numbers.where(~numbers.str.fullmatch(r"\d"), "0" + numbers)
    notations = _cleaned(raw["notation"], 60)
    both = (numbers != "") & (notations != "")
    return (numbers + np.where(both, "/", "") + notations).astype(object)


def _without_uid(numbers: pd.Series) -> pd.Series:
    distinct = {number: str(number).split("#", 1)[0] for number in numbers.dropna().unique()}
    return numbers.map(distinct)


def local_time(instants: pd.Series) -> pd.Series:
    """Aware instants (or ISO text) as Hanoi wall time without a zone, the form that Excel knows; missing = NaT."""
    aware = pd.to_datetime(
        instants, utc=True, format=None if pd.api.types.is_datetime64_any_dtype(instants) else "ISO8601"
    )
    return aware.dt.tz_convert(text.HANOI).dt.tz_localize(None).dt.as_unit("s")


def _local_day(days: pd.Series) -> pd.Series:
    # T4 names a year where other rules name a day; no day is printed for it.
    return pd.to_datetime(
        days.astype("str").where(days.notna()), format="%Y-%m-%d", errors="coerce", exact=False
    ).dt.as_unit("s")


def _cleaned(values: pd.Series, limit: int) -> pd.Series:
    """`text.clean` over the distinct values."""
    distinct = {value: text.clean(value, limit) for value in values.dropna().unique()}
    return values.map(distinct).astype(object).where(values.notna(), "")


def _mapped(codes: pd.Series, names: Mapping[str, str]) -> pd.Series:
    distinct = {code: names.get(code) or text.clean(code, 60) for code in codes.unique()}
    return codes.map(distinct).astype(object)


def _cited(basis: pd.Series) -> pd.Series:
    given = [tuple(each) if isinstance(each, list | tuple | np.ndarray) else (text.clean(each),) for each in basis]
    made = {each: citations.for_clerks(each) for each in set(given)}
    return pd.Series([made[each] for each in given], index=basis.index, dtype=object)


def _delays(minutes: pd.Series, by_clock: pd.Series) -> pd.Series:
    """Delays in words, each distinct one made once; `""` where nothing was late."""
    keys = list(zip(minutes, by_clock, strict=True))
    made = {
        (value, clock): _by_the_clock(value) if clock else text.working_delay(value)
        for value, clock in set(keys)
        if value > 0
    }
    return pd.Series([made.get(key, "") for key in keys], index=minutes.index, dtype=object)


def _by_the_clock(minutes: float) -> str:
    """`4 ngày 10 giờ, tính cả ngày nghỉ`: other delays beside it are of working days."""
    return text.elapsed_delay(minutes) + (", tính cả ngày nghỉ" if minutes >= _DAY else "")


def _states(raw: pd.DataFrame, words: Mapping[str, str]) -> pd.Series:
    states = raw["state"].map(words).astype(object)
    if "waived_until" not in raw.columns:
        return states
    until = pd.to_datetime(raw["waived_until"].astype("str").where(raw["waived_until"].notna()), errors="coerce")
    dated = (raw["state"] == "waived") & until.notna()
    return states.where(~dated, words["waived"] + " đến ngày " + until.dt.strftime("%d/%m/%Y"))


def _urls(raw: pd.DataFrame, agencies: Mapping[str, AgencyInfo]) -> pd.Series:
    """The document in the agency's own system, from its URL pattern; every inserted value is percent-encoded."""
    patterns = raw["agency"].map(
        {agency.code: agency.document_url for agency in agencies.values() if agency.document_url}
    )
    urls = pd.Series("", index=raw.index, dtype=object)
    numbers = _without_uid(raw["number"])
    uids = raw["document_uid"] if "document_uid" in raw.columns else pd.Series(None, index=raw.index, dtype=object)
    wanted = patterns.notna()
    for row in raw.index[wanted]:
        values = {"document_uid": uids[row], "number": numbers[row], "notation": raw.at[row, "notation"]}
        needed = {name for name in values if f"{{{name}}}" in patterns[row]}
        if all(isinstance(values[name], str) and values[name] for name in needed):
            urls[row] = patterns[row].format(**{name: quote(values[name], safe="") for name in needed})
    return urls
