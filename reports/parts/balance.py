"""How the numbers of findings that a report names come from one another: a reader who adds up must come out."""

import pandas as pd

from reports import text
from reports.reading import PROVINCE, Reading


def balance(reading: Reading, agency: str = PROVINCE) -> tuple[str, ...]:
    """What is open, beside what was before; what the period's breaches are, beside what was first seen in it.

    A line is left out where nothing can be compared or the numbers say it by themselves.
    """
    findings = reading.findings if agency == PROVINCE else reading.findings[reading.findings["agency"] == agency]
    outcomes = reading.inputs.outcomes
    outcomes = outcomes if agency == PROVINCE else outcomes[outcomes["agency"] == agency]
    before = reading.previous_figure("findings_open", agency).value
    opened = "" if before is None else _opened(findings, int(before), reading)
    found = _found(findings, int(outcomes["breaches"].sum()), reading.period.unit)
    lines = opened, _mended_at_once(findings, reading), found
    return tuple(line for line in lines if line)


def _opened(findings: pd.DataFrame, before: int, reading: Reading) -> str:
    """`Chưa khắc phục 284 = 247 mới + 37 từ các tuần trước. Trong 53 vi phạm …`

    Open before − resolved − those told only once (they have happened, or were written so, and are told in their own
    period) = those still open from before.
    """
    opened, unit = findings[findings["is_open"]], reading.period.unit
    new, back, still = _counts(opened, "new", "reopened", "open")
    parts = [f"{text.count(new)} mới", f"{text.count(still)} từ các {unit} trước"]
    if back:
        parts.append(f"{text.count(back)} tái diễn")
    told = f"Chưa khắc phục {text.count(len(opened))} = {' + '.join(parts)}."
    resolved = len(_resolved(findings)) - len(_resolved_at_once(findings, reading))
    once = before - resolved - still
    if before == 0 or once < 0:  # what was open before is not known as it is now: the period before was judged anew
        return told
    went = [f"{text.count(still)} chuyển sang {unit} này", f"{text.count(resolved)} đã khắc phục"]
    if once:
        went.append(f"{text.count(once)} đã xảy ra xong hoặc được miễn, chỉ báo cáo một lần")
    return f"{told} Trong {text.count(before)} vi phạm cuối {unit} trước: {', '.join(went)}."


def _resolved(findings: pd.DataFrame) -> pd.DataFrame:
    return findings[findings["state"] == "resolved"]


def _resolved_at_once(findings: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    """Those resolved in the period that were first seen in it: the end of the period before saw none of them."""
    found = _resolved(findings)
    return found[found["first_seen"] > pd.Timestamp(reading.inputs.start)]


def _mended_at_once(findings: pd.DataFrame, reading: Reading) -> str:
    """`Đã khắc phục 03 = 01 từ các tuần trước + 02 phát hiện ngay trong tuần.`"""
    every, at_once = len(_resolved(findings)), len(_resolved_at_once(findings, reading))
    if not at_once:
        return ""
    unit = reading.period.unit
    older = f"{text.count(every - at_once)} từ các {unit} trước + " if every > at_once else ""
    return f"Đã khắc phục {text.count(every)} = {older}{text.count(at_once)} phát hiện ngay trong {unit}."


def _found(findings: pd.DataFrame, breaches: int, unit: str) -> str:
    """`252 vi phạm trong tuần = 247 mới + 06 đã mở từ trước − 01 lần lặp lại …`

    Breaches are documents or transfers that a rule finds wrong at the end of the period, findings are what is followed
    up: one that stays from period to period is a breach in each, several of one document and rule are one breach, and
    what has been resolved is none.
    """
    own = findings[~findings["is_carried"] & (findings["state"] != "waived")]
    new, *older = _counts(own, "new", "open", "reopened")
    repeated = new + sum(older) - breaches
    if breaches in (0, new) or repeated < 0:
        return ""
    kinds = (new, "mới"), (sum(older), "đã mở từ trước")
    told = " + ".join(f"{text.count(count)} {kind}" for count, kind in kinds if count)
    less = f" − {text.count(repeated)} lần lặp lại của cùng một văn bản, cùng một quy tắc" if repeated else ""
    return f"{text.count(breaches)} vi phạm trong {unit} = {told}{less}."


def _counts(findings: pd.DataFrame, *states: str) -> list[int]:
    found = findings["state"].value_counts()
    return [int(found.get(state, 0)) for state in states]
