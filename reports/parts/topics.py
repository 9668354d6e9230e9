"""The state of each priority topic: its documents' open findings, in one sentence and a few figures."""

from dataclasses import dataclass

from reports import figure, text
from reports.figure import Figure
from reports.reading import Reading


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic's findings: `open` now, `resolved` in the period, and the sentence of page 1."""

    id: str
    name: str
    open: Figure
    resolved: Figure
    sentence: str


def topics(reading: Reading) -> tuple[TopicState, ...]:
    """One state a topic in force, in the order of configuration."""
    states = []
    for topic in reading.inputs.topics:
        rows = reading.findings[reading.findings["topic"] == topic.id]
        now, done = rows[rows["is_open"]], rows[rows["state"] == "resolved"]
        lost = int(now["rule"].isin(("failed_send", "undelivered")).sum())
        if len(now):
            told = f"còn {text.count(len(now))} vi phạm chưa khắc phục"
            if (agencies := now["agency"].nunique()) > 1:
                told += f" tại {text.count(agencies)} cơ quan"
            if carried := int(now["is_carried"].sum()):
                told += f" ({text.count(carried)} vi phạm từ các {reading.period.unit} trước)"
            if lost:
                told += f", trong đó {text.count(lost)} lượt gửi lỗi hoặc không đến nơi nhận"
        else:
            told = "không còn vi phạm chưa khắc phục trong phần dữ liệu đã có"
        if len(done):
            told += f"; đã khắc phục {text.count(len(done))} trong {reading.period.unit}"
        states.append(
            TopicState(topic.id, text.clean(topic.name), figure.count(len(now)), figure.count(len(done)), told + ".")
        )
    return tuple(states)
