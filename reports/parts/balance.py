"""How the number of open findings came from that of the period before: a reader who adds up must come out."""

from reports import text
from reports.reading import PROVINCE, Reading


def balance(reading: Reading, agency: str = PROVINCE) -> str:
    """`Chưa khắc phục 284 = 247 mới + 37 từ các tuần trước. Trong 53 vi phạm …`; `""` where nothing can be compared.

    Open before − resolved − those told only once (they have happened, or were written so, and are told in their own
    period) = those still open from before.
    """
    findings = reading.findings if agency == PROVINCE else reading.findings[reading.findings["agency"] == agency]
    opened = findings[findings["is_open"]]
    before = reading.previous_figure("findings_open", agency).value
    if before is None:
        return ""
    kinds = opened["state"].value_counts()
    new, back, still = (int(kinds.get(state, 0)) for state in ("new", "reopened", "open"))
    unit, parts = (
        reading.period.unit,
        [f"{text.number(new)} mới", f"{text.number(still)} từ các {reading.period.unit} trước"],
    )
    if back:
        parts.append(f"{text.number(back)} tái diễn")
    told = f"Chưa khắc phục {text.number(len(opened))} = {' + '.join(parts)}."
    resolved = int((findings["state"] == "resolved").sum())
    once = int(before) - resolved - still
    if before == 0 or once < 0:  # some resolved in the period were also found in it
        return told
    went = [f"{text.number(still)} chuyển sang {unit} này", f"{text.number(resolved)} đã khắc phục"]
    if once:
        went.append(f"{text.number(once)} đã xảy ra xong hoặc được miễn, chỉ báo cáo một lần")
    return f"{told} Trong {text.number(before)} vi phạm cuối {unit} trước: {', '.join(went)}."
