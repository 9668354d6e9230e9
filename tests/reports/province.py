"""A week of an invented province for the reports' tests: 34 agencies, some hundred findings, hostile texts, a log that lacks days.

Seeded: the same arguments give the same inputs. Names of people do not occur. Findings are spread as in life: few agencies have most of them.
"""

import json
import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from audit.law import LawBook
from audit.pipeline.report_inputs import ground_of
from audit.settings import load_settings
from reports.indicators import INDICATORS
from reports.inputs import AgencyInfo, Deadlines, Edition, Issuer, ReportInputs, RuleInfo, TopicInfo
from reports.labels import SEVERITIES

CONFIG = Path(__file__).parents[2] / "config"
LABELS = tomllib.loads((CONFIG / "labels.vi.toml").read_text("utf-8"))
AGENCIES = tuple(
    AgencyInfo(
        row["code"],
        row["name"],
        row["kind"],
        document_url="https://qlvb.example/vb?so={number}&kh={notation}" if index % 3 == 0 else "",
    )
    for index, row in enumerate(tomllib.loads((CONFIG / "agencies.toml").read_text("utf-8"))["agencies"])
)
WEIGHTS = {"critical": 8, "high": 4, "medium": 2, "low": 1}

_CODES = (
    "G1:high G2:high G3:medium G4:high G5:high N1:high N2:high N3:medium N4:medium N5:high N6:critical N7:high N8:medium N9:medium N10:low "
    "N11:low N12:medium N13:low T1:medium T2:low T3:medium T4:low T5:medium Q1:high Q2:high Q3:high Q4:medium K1:critical K2:critical K3:high "
    "K4:critical K5:critical K6:high K7:low D1:high D2:high L1:medium L2:high L3:low R1:high M1:critical H1:high H2:high H3:low"
)


def rules() -> tuple[RuleInfo, ...]:
    """The catalogue with the shipped titles and remedies."""
    settings = load_settings(None)
    book, made = LawBook(settings.law, settings.policy), []
    for (identity, words), code in zip(LABELS["rules"].items(), _CODES.split(), strict=True):
        letter, severity = code.split(":")
        citations = book.citations(identity, date(2021, 2, 7))
        basis = tuple(each.text for each in citations)
        made.append(
            RuleInfo(
                letter,
                identity,
                words["title"],
                words["remedy"],
                severity,
                WEIGHTS[severity],
                basis,
                ground_of(citations),
                letter in ("G5", "N6"),
            )
        )
    return tuple(made)


RULES = rules()
SUBJECTS = (
    "V/v triển khai các biện pháp phòng, chống dịch COVID-19 trong tình hình mới",
    "Báo cáo kết quả thực hiện nhiệm vụ tháng 01 năm 2021",
    "V/v rà soát, đối chiếu công nợ tạm ứng vốn đầu tư xây dựng cơ bản",
    "Kế hoạch tổ chức Tết trồng cây “Đời đời nhớ ơn Bác Hồ” Xuân Tân Sửu năm 2021",
    "V/v cung cấp thông tin, số liệu phục vụ giao ban Ban Chỉ đạo phòng, chống dịch COVID-19 tỉnh",
    "Quyết định phê duyệt kế hoạch lựa chọn nhà thầu gói thầu bảo trì hệ thống quản lý văn bản và điều hành",
    "V/v tăng cường công tác quản lý, bảo vệ rừng dịp Tết Nguyên đán",
    "Giấy mời họp đánh giá công tác chuẩn bị bầu cử đại biểu Quốc hội khóa XV và đại biểu HĐND các cấp nhiệm kỳ 2021 - 2026",
)
_SUBJECT_SHARES = (0.05, 0.2, 0.15, 0.15, 0.03, 0.14, 0.14, 0.14)
HOSTILE = (
    "<script>alert('vb')</script><img src=http://evil.example/x.png onerror=alert(1)> V/v phòng, chống dịch COVID-19",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+84 912 345 678 đề nghị liên hệ",
    "-5 văn bản \u202egnaoh nảb năv\u202c kèm theo\u200b\u200d",
    "Xuống\r\ndòng\tvà ký tự\x00\x07\x1b điều khiển {{ 7*7 }} {% raw %} &lt;b&gt; ]]> _x0041_",
    "V/v " + "rất dài " * 60 + "hết",
    "KhôngcókhoảngtrắngKhôngcókhoảngtrắng" * 8,
)
_LIKELY = {
    "G": 3,
    "G3": 9,
    "N": 3,
    "N2": 9,
    "N3": 14,
    "N4": 10,
    "N5": 7,
    "N6": 0.7,
    "T": 3,
    "T1": 6,
    "K": 0.3,
    "K6": 2,
    "K7": 4,
    "Q": 0.4,
    "L": 1,
    "H": 0.3,
    "M": 0.1,
}
_TROUBLED = [16, 25, 27, 20, 9, 23, 4, 29, 30, 1]  # where most of the trouble sits
_NOTATIONS = ("BC-{}", "KH-{}", "QĐ-{}", "{}-VP", "{}-VX", "TB-{}")


def make_inputs(
    *,
    findings: int = 420,
    seed: int = 814,
    edition: Edition = "weekly",
    hostile: bool = True,
    start: date = date(2021, 2, 1),
) -> ReportInputs:
    """The inputs of the week of letter 814. `hostile`: some subjects, numbers and error messages attack the reports."""
    random = np.random.default_rng(seed)
    end = {
        "weekly": start + timedelta(days=7),
        "monthly": date(start.year, start.month + 1, 1),
        "quarterly": date(start.year, start.month + 3, 1),
    }[edition]
    frame = make_findings(random, findings, start, end, hostile)
    outcomes = make_outcomes(random, frame, start, end)
    now = make_indicators(random, frame, 0.0)
    before = make_indicators(random, frame, -0.008)
    return ReportInputs(
        edition=edition,
        start=start,
        end=end,
        as_of=end,
        findings=frame,
        outcomes=outcomes,
        previous_outcomes=outcomes.assign(breaches=(outcomes["breaches"] * 1.2).astype("int64")),
        indicators=now,
        previous_indicators=before,
        history=make_history(random, now, before, start),
        coverage=make_coverage(start, end),
        outages=make_outages(random, start),
        rules=RULES,
        agencies=AGENCIES,
        issuer=Issuer(
            superior="UBND tỉnh Bắc Kạn",
            name="Sở Thông tin và Truyền thông",
            notation="STTTT",
            place="Bắc Kạn",
            unit="CNTT",
        ),
        deadlines=Deadlines(datetime(end.year, end.month, end.day, 11, 30) + timedelta(days=1), datetime(end.year, end.month, end.day, 17) + timedelta(days=4)),
        topics=(TopicInfo("covid-19", "phòng, chống dịch COVID-19"),),
        targets={"arrived_share": 1.0, "undelivered": 0, "acknowledged_in_day_share": 0.95, "backlog_overdue": 0, "signed_both_share": 1.0, "compliance_index": 95},
        notes={"unknown_urgency": 17, "contradictions": 4, "rejects": 9},
        labels=LABELS,
    )  # fmt: skip


def make_findings(random: np.random.Generator, size: int, start: date, end: date, hostile: bool) -> pd.DataFrame:
    """Findings as docs/architecture.md, with `waived_until`; about a tenth resolved, a few waived."""
    weights = 1 / np.arange(1, len(AGENCIES) + 1) ** 1.1
    order = _TROUBLED + [index for index in range(len(AGENCIES)) if index not in _TROUBLED]
    blamed = np.array(order)[random.choice(len(AGENCIES), size, p=weights / weights.sum())]
    other = (blamed + random.integers(1, len(AGENCIES), size)) % len(AGENCIES)
    likely = np.array([_LIKELY.get(rule.code, _LIKELY.get(rule.group, 0.5)) for rule in RULES])
    which = random.choice(len(RULES), size, p=likely / likely.sum())
    codes = np.array([agency.code for agency in AGENCIES])
    chosen = [RULES[index] for index in which]
    subjects = np.array(
        [SUBJECTS[index] for index in random.choice(len(SUBJECTS), size, p=_SUBJECT_SHARES)], dtype=object
    )
    if hostile and size >= len(HOSTILE):
        subjects[: len(HOSTILE)] = HOSTILE
    sent_by_blamed = np.array([rule.group not in "NR" for rule in chosen], dtype=bool)
    anchored = pd.Timestamp(start, tz="Asia/Ho_Chi_Minh") + pd.to_timedelta(
        random.integers(-14 * 1440, (end - start).days * 1440, size), unit="min"
    )
    timed = np.array(
        [rule.code in {"G3", "G4", "G5", "N2", "N3", "N4", "N5", "N6", "N7", "R1"} for rule in chosen], dtype=bool
    )
    delay = np.where(timed, 10 + random.exponential(700, size).astype("int64"), 0).astype(float)
    topical = np.array(["COVID" in subject for subject in subjects], dtype=bool)
    rank = np.array([SEVERITIES.index(rule.severity) for rule in chosen]) - topical
    systems = np.array([rule.group == "H" for rule in chosen], dtype=bool)
    states = random.choice(["new", "open", "resolved", "reopened", "waived"], size, p=[0.55, 0.25, 0.12, 0.05, 0.03])
    return pd.DataFrame(
        {
            "finding_id": [f"{number:016x}" for number in random.integers(1 << 40, 1 << 62, size)],
            "rule": [rule.id for rule in chosen],
            "code": [rule.code for rule in chosen],
            "severity": [SEVERITIES[max(value, 0)] for value in rank],
            "agency": codes[blamed],
            "counterpart": codes[other],
            "sender": np.where(sent_by_blamed, codes[blamed], codes[other]),
            "number": np.where(systems, None, random.integers(1, 900, size).astype(str)),
            "notation": [
                None if system else _NOTATIONS[i % 6].format("UBND" if i % 4 else "SYT")
                for i, system in enumerate(systems)
            ],
            "issued_date": [
                None if system else (at - timedelta(days=2)).date()
                for at, system in zip(anchored, systems, strict=True)
            ],
            "recipient": np.where(sent_by_blamed, codes[other], codes[blamed]),
            "subject": np.where(systems, None, subjects),
            "topic": np.where(topical & ~systems, "covid-19", None),
            "urgency": random.choice(["thuong", "khan", "hoa_toc"], size, p=[0.9, 0.08, 0.02]),
            "anchored_at": pd.Series(anchored).dt.tz_convert("UTC").dt.as_unit("us"),
            "deadline_at": pd.Series(anchored + timedelta(hours=9)).dt.tz_convert("UTC").dt.as_unit("us"),
            "observed_at": pd.Series(
                np.where(random.random(size) < 0.5, anchored + timedelta(hours=30), pd.NaT)
            ).astype("datetime64[us, UTC]"),
            "delay_minutes": np.where(delay > 0, delay, np.nan),
            "extra": "",
            "detail": [_detail(rule, index, hostile) for index, rule in enumerate(chosen)],
            "basis": [list(rule.basis) for rule in chosen],
            "evidence": [
                [{"table": "sends", "agency": str(code), "log_day": str(start), "page": 1, "line": 2}]
                for code in codes[blamed]
            ],
            "state": states,
            "first_seen_at": pd.Series(anchored + timedelta(days=1)).dt.tz_convert("UTC").dt.as_unit("us"),
            "last_seen_at": pd.Timestamp(end, tz="Asia/Ho_Chi_Minh").tz_convert("UTC"),
            "waived_until": np.where(states == "waived", date(2021, 3, 31), None),
        }
    )


def _detail(rule: RuleInfo, index: int, hostile: bool) -> str | None:
    if rule.code == "G1":
        message = "<b>=1+1</b>\u202e Timeout" if hostile and index % 2 else "Đơn vị nhận không tồn tại trên trục"
        return json.dumps({"error_code": "E102", "error_message": message}, ensure_ascii=False)
    if rule.code == "T1":
        return json.dumps({"fields": ["page_count", "signer_position"]})
    return None


def make_outcomes(random: np.random.Generator, findings: pd.DataFrame, start: date, end: date) -> pd.DataFrame:
    """Every rule × every agency; where no log was told (Ban Dân tộc) or a fact is not kept, NOT_TESTED."""
    index = pd.MultiIndex.from_product(
        [[rule.id for rule in RULES], [agency.code for agency in AGENCIES]], names=["rule", "agency"]
    )
    frame = index.to_frame(index=False)
    frame["code"] = frame["rule"].map({rule.id: rule.code for rule in RULES})
    counts = findings.groupby(["rule", "agency"]).size()
    frame["findings"] = counts.reindex(index, fill_value=0).to_numpy()
    frame["breaches"] = frame["findings"]
    frame["tested"] = frame["breaches"] + random.integers(5, 400, len(frame))
    silent = ((frame["agency"] == "H03.18") & (frame["findings"] == 0)) | (
        (frame["code"] == "T5") & (frame["findings"] == 0)
    )
    frame.loc[silent, "tested"] = 0
    frame["not_decided"] = np.where(silent, random.integers(1, 40, len(frame)), 0)
    frame["outcome"] = np.where(frame["tested"] == 0, "NOT_TESTED", np.where(frame["breaches"] > 0, "FAIL", "PASS"))
    return frame.assign(period_start=start, period_end=end - timedelta(days=1), as_of=pd.Timestamp(end))


def make_indicators(random: np.random.Generator, findings: pd.DataFrame, drift: float) -> pd.DataFrame:
    """Every indicator of the catalogue for the province and each agency; findings' counts agree with the findings."""
    opened = findings[findings["state"].isin(("new", "open", "reopened"))]
    rows: list[tuple[str, str, float]] = []
    indexes: dict[str, float] = {}
    for code in ["", *(agency.code for agency in AGENCIES)]:
        own = opened if not code else opened[opened["agency"] == code]
        resolved = (findings["state"] == "resolved") & ((findings["agency"] == code) | (not code))
        documents = 2150 if not code else int(random.integers(15, 160))
        indexes[code] = (
            94.2 + drift * 100
            if not code
            else round(
                min(99.6 - 0.11 * len(own) - sum(map(ord, code)) % 7 + drift * 100 + float(random.normal(0, 0.5)), 100),
                2,
            )
        )
        values = {
            "documents_sent": documents,
            "documents_received": documents * 3,
            "pairs_sent": 41206 if not code else documents * 19,
            "arrived_share": min(0.9921 + drift * 0.6 + (float(random.normal(0, 0.003)) if code else 0), 1.0),
            "undelivered": own["rule"].isin(("failed_send", "undelivered")).sum() + (4 if drift and not code else 0),
            "acknowledged_in_day_share": min(0.934 + drift * 1.5 + (float(random.normal(0, 0.03)) if code else 0), 1.0),
            "ack_minutes_median": 47, "ack_minutes_p90": 391, "forward_minutes_median": 96, "forward_minutes_p90": 610,
            "backlog_open": 310 if not code else 9,
            "backlog_overdue": own["rule"].isin(("backlog", "urgent_backlog")).sum() + (6 if drift and not code else 0),
            "backlog_age_0_10": 201, "backlog_age_11_30": 74, "backlog_age_31_90": 27, "backlog_age_90_up": 8,
            "availability": 0.9954,
            "coverage_share": 0.9916 if not code else 1.0,
            "findings_new": (own["state"] == "new").sum(), "findings_resolved": resolved.sum(), "findings_open": len(own),
            "signed_both_share": 0.987 + drift,
            "electronic_share": 0.93,
            "compliance_index": indexes[code],
            "rank_tested": documents * 8,
        }  # fmt: skip
        rows += [(code, indicator, float(value)) for indicator, value in values.items()]
    ranked = sorted(
        (code for code in indexes if code and code not in ("H03.18", "H03.56")), key=lambda code: -indexes[code]
    )
    rows += [(code, "rank", float(place)) for place, code in enumerate(ranked, start=1)]
    rows += [(code, "rank", np.nan) for code in ("", "H03.18", "H03.56")]
    assert {row[1] for row in rows} == set(INDICATORS)
    return pd.DataFrame(rows, columns=["agency", "indicator", "value"]).assign(numerator=np.nan, denominator=np.nan)


def make_history(random: np.random.Generator, now: pd.DataFrame, before: pd.DataFrame, start: date) -> pd.DataFrame:
    """Twelve weeks; the fourth has no data at all."""
    frames = []
    for back in range(11, -1, -1):
        frame = (now if back == 0 else before)[["agency", "indicator", "value"]].copy()
        if back > 1:
            bend = 1 - 0.0035 * back - random.random(len(frame)) * 0.01
            small = frame["indicator"].str.endswith("_share") | frame["indicator"].eq("compliance_index")
            frame["value"] = np.where(small, frame["value"] * bend, np.round(frame["value"] * (1 + back * 0.05)))
        if back == 8:
            frame["value"] = np.nan
        frames.append(frame.assign(period_start=start - timedelta(weeks=back)))
    return pd.concat(frames, ignore_index=True)


def make_coverage(start: date, end: date) -> pd.DataFrame:
    """All complete but Ban Dân tộc (a day missing at the agency) and Hội Cựu chiến binh (two partial days)."""
    days = pd.date_range(start, end, inclusive="left")
    index = pd.MultiIndex.from_product(
        [[agency.code for agency in AGENCIES], days, list(LABELS["tables"])], names=["agency", "day", "table"]
    )
    frame = index.to_frame(index=False).assign(
        state="complete", rows=10, rejects=0, pages=1, failed_at=None, reason=None
    )
    missing = (frame["agency"] == "H03.18") & (frame["day"] == pd.Timestamp(start + timedelta(days=2)))
    partial = (frame["agency"] == "H03.56") & frame["day"].isin(days[3:5]) & (frame["table"] == "statuses")
    frame.loc[missing, ["state", "failed_at", "reason"]] = ["missing", "agency", "out of service"]
    frame.loc[partial, ["state", "failed_at", "reason"]] = ["partial", "ours", "the answer broke off or is damaged"]
    return frame


def make_outages(random: np.random.Generator, start: date) -> pd.DataFrame:
    """Probes of all agencies; four with interruptions, one certificate about to end."""
    frame = pd.DataFrame({"agency": [agency.code for agency in AGENCIES]})
    frame["probes"] = 672
    frame["failed"] = random.integers(0, 4, len(frame))
    down = frame["agency"].isin(("H03.16", "H03.36", "H03.38", "H03.33"))
    frame["outages"] = np.where(down, random.integers(1, 4, len(frame)), 0)
    frame["outage_minutes"] = np.where(down, random.integers(20, 700, len(frame)), 0)
    frame["longest_minutes"] = frame["outage_minutes"] * 2 // 3
    frame["availability"] = 1 - frame["outage_minutes"] / 2400
    frame["last_failure_at"] = pd.Series(np.where(down, pd.Timestamp("2021-02-04T03:10:00Z"), pd.NaT)).astype(
        "datetime64[us, UTC]"
    )
    frame["certificate_ends_at"] = pd.Timestamp("2021-02-20T17:00:00Z")
    return frame
