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
    opened = "" if before is None else _opened(findings, int(before), reading.period.unit)
    lines = opened, _found(findings, int(outcomes["breaches"].sum()), reading.period.unit)
    return tuple(line for line in lines if line)


def _opened(findings: pd.DataFrame, before: int, unit: str) -> str:
    """`Chưa khắc phục 284 = 247 mới + 37 từ các tuần trước. Trong 53 vi phạm …`

    Open before − resolved − those told only once (they have happened, or were written so, and are told in their own
    period) = those still open from before.
    """
    opened = findings[findings["is_open"]]
    new, back, still = _counts(opened, "new", "reopened", "open")
    parts = [f"{text.count(new)} mới", f"{text.count(still)} từ các {unit} trước"]
    if back:
        parts.append(f"{text.count(back)} tái diễn")
    told = f"Chưa khắc phục {text.count(len(opened))} = {' + '.join(parts)}."
    resolved = int((findings["state"] == "resolved").sum())
    once = before - resolved - still
    if before == 0 or once < 0:  # some resolved in the period were also found in it
        return told
    went = [f"{text.count(still)} chuyển sang {unit} này", f"{text.count(resolved)} đã khắc phục"]
    if once:
        went.append(f"{text.count(once)} đã xảy ra xong hoặc được miễn, chỉ báo cáo một lần")
    return f"{told} Trong {text.count(before)} vi phạm cuối {unit} trước: {', '.join(went)}."


def _found(findings: pd.DataFrame, breaches: int, unit: str) -> str:
    """`252 vi phạm trong tuần = 247 mới + 06 đã mở từ trước − 01 lần lặp lại …`

    Breaches are documents or transfers that a rule finds wrong, findings are what is followed up: one that stays from
    period to period is a breach in each, and several of one document and rule are one breach.
    """
    own = findings[~findings["is_carried"] & (findings["state"] != "waived")]
    new, *older = _counts(own, "new", "open", "reopened")
    (resolved,) = _counts(own, "resolved")
    repeated = new + sum(older) + resolved - breaches
    if breaches in (0, new) or repeated < 0:
        return ""
    kinds = (new, "mới"), (sum(older), "đã mở từ trước"), (resolved, f"đã khắc phục ngay trong {unit}")
    told = " + ".join(f"{text.count(count)} {kind}" for count, kind in kinds if count)
    less = f" − {text.count(repeated)} lần lặp lại của cùng một văn bản, cùng một quy tắc" if repeated else ""
    return f"{text.count(breaches)} vi phạm trong {unit} = {told}{less}."


def _counts(findings: pd.DataFrame, *states: str) -> list[int]:
    found = findings["state"].value_counts()
    return [int(found.get(state, 0)) for state in states]
