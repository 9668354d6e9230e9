"""The state of each priority topic: its documents' open findings, in one sentence, a few figures and by kind."""

from dataclasses import dataclass

import pandas as pd

from reports import figure, text
from reports.figure import Figure
from reports.labels import SEVERITIES
from reports.parts import lost
from reports.parts.calls import gravest_kinds
from reports.parts.gaps import NOT_CONNECTED
from reports.reading import Reading


@dataclass(frozen=True, slots=True)
class TopicKind:
    """Open findings of one kind about the topic: how many, how many critical, at which agencies (most first)."""

    title: str
    open: Figure
    critical: Figure
    places: str


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic's findings: `open` now, `resolved` in the period, the sentence of page 1; its kinds, those first that the
    sentence counts, then gravest first; their sum.
    """

    id: str
    name: str
    open: Figure
    resolved: Figure
    sentence: str
    kinds: tuple[TopicKind, ...]
    total: TopicKind

    def rest(self, shown: int) -> TopicKind:
        """The kinds that a table with so many of them leaves out, in one row."""
        left = self.kinds[shown:]
        opened, critical = (sum(getattr(kind, name).value or 0 for kind in left) for name in ("open", "critical"))
        return TopicKind(f"{text.number(len(left))} loại khác", figure.count(opened), figure.count(critical), "")


def topics(reading: Reading) -> tuple[TopicState, ...]:
    """One state a topic in force, in the order of configuration."""
    states = []
    for topic in reading.inputs.topics:
        rows = reading.findings[reading.findings["topic"] == topic.id]
        now, done = rows[rows["is_open"]], rows[rows["state"] == "resolved"]
        if len(now):
            told = f"còn {text.count(len(now))} vi phạm chưa khắc phục"
            if (agencies := now["agency"].nunique()) > 1:
                told += f" tại {text.count(agencies)} cơ quan"
            if carried := int(now["is_carried"].sum()):
                told += f" ({text.count(carried)} từ các {reading.period.unit} trước)"
            if not_arrived := lost.told(now):
                told += f", trong đó {not_arrived}"
        elif not reading.gives_log:
            told = f"chưa kiểm tra được, vì cơ quan {NOT_CONNECTED}"
        else:
            told = "không còn vi phạm chưa khắc phục trong phần dữ liệu đã có"
        if len(done):
            told += f"; đã khắc phục {text.count(len(done))} trong {reading.period.unit}"
        states.append(
            TopicState(
                topic.id,
                text.clean(topic.name),
                figure.count(len(now)),
                figure.count(len(done)),
                told + ".",
                tuple(
                    _kind(reading, now[now["kind"] == found.kind])
                    for found in sorted(gravest_kinds(now), key=lambda each: each.rule not in lost.RULES)
                ),
                _total(reading, now),
            )
        )
    return tuple(states)


def raised_note(reading: Reading) -> str:
    """`Văn bản về phòng, chống dịch COVID-19 được tăng một mức.`, where a finding is graver than its rule says; else
    `""`. Of secret documents the topic is not told.
    """
    now = reading.findings[reading.findings["is_open"]]
    ranks = {severity: rank for rank, severity in enumerate(SEVERITIES)}
    usual = now["rule"].map({rule.id: ranks[rule.severity] for rule in reading.rules.values()})
    names = now.loc[now["severity_rank"] < usual, "topic_name"]
    told = [name for name in dict.fromkeys(names) if name]
    return f"Vi phạm của văn bản về {text.listed(told)} được tăng một mức." if told else ""


def _total(reading: Reading, rows: pd.DataFrame) -> TopicKind:
    places = f"{text.number(rows['agency'].nunique())} cơ quan"
    if carried := int(rows["is_carried"].sum()):
        places += f"; {text.number(carried)} vi phạm từ các {reading.period.unit} trước"
    critical = int((rows["severity_rank"] == 0).sum())
    return TopicKind("Tổng cộng", figure.count(len(rows)), figure.count(critical), places)


def _kind(reading: Reading, rows: pd.DataFrame) -> TopicKind:
    counts = rows.groupby("agency").size().to_dict()
    codes = sorted(counts, key=lambda code: (-counts[code], text.sort_key(reading.name(code))))
    return TopicKind(
        title=str(rows["title"].iloc[0]),
        open=figure.count(len(rows)),
        critical=figure.count(int((rows["severity_rank"] == 0).sum())),
        places=text.listed([f"{reading.name(code)} ({text.number(counts[code])})" for code in codes], most=2),
    )
