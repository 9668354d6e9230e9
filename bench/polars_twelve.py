"""The twelve rules in Polars, lazily: `python -m bench.polars_twelve SCALE` prints a line of JSON.

The same steps as `twelve.sql`, as one would write them who knows the log: pairs first, then a count a rule.
POLARS_MAX_THREADS says how many threads it may use.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final

import polars as pl
from polars import col

from bench.measure import report, timed
from bench.twelve import Task, task_of
from bench.world import SCALES

PAIR: Final = ["sender", "reference", "recipient"]
DOCUMENT: Final = ["sender", "reference"]
DAY_US: Final = 86_400_000_000
ZONE_US: Final = 25_200_000_000
FOUR_HOURS_US: Final = 14_400_000_000
MISROUTED: Final = "(?i)gửi nhầm|không thuộc thẩm quyền|sai nơi nhận|không đúng nơi nhận"
TYPED: Final = r"^([A-ZĐ][A-Za-zĐđ]*)-[A-ZĐÂĂÊÔƠƯ&.]+(-[A-ZĐÂĂÊÔƠƯ&.]+)*$"
LETTER: Final = r"^[A-ZĐÂĂÊÔƠƯ]+-[A-ZĐÂĂÊÔƠƯ&.]+(-[A-ZĐÂĂÊÔƠƯ]+)*$"


@dataclass(frozen=True, slots=True)
class _Frames:
    """What rules count in: all lazy."""

    task: Task
    sends: pl.LazyFrame
    statuses: pl.LazyFrame
    newest: pl.LazyFrame
    sent: pl.LazyFrame
    pairs: pl.LazyFrame
    arrivals: pl.LazyFrame
    papers: pl.LazyFrame
    signatures: pl.LazyFrame


def count(task: Task) -> dict[str, int]:
    """Findings by rule code."""
    frames = _frames(task)
    rules = {
        **_of_pairs(frames),
        **_of_documents(frames),
        "L1": _sent_twice(frames),
        "L2": _reused(frames),
        "H2": _missing_logs(task),
    }
    counts = pl.collect_all([rule.select(pl.len()) for rule in rules.values()])
    return {code: int(one.item()) for code, one in zip(rules, counts, strict=True)}


def _frames(task: Task) -> _Frames:
    tables = {table: _numbers(pl.scan_parquet(files)) for table, files in task.files.items()}
    sends = tables["sends"].rename({"sent_at": "at"})
    statuses = tables["statuses"].rename({"to_org": "sender", "from_org": "recipient"})
    newest = tables["receipts"].group_by([*PAIR, "axis_key"]).agg(
        col("business_type", "state", "needs_reply", "arrived_at", "completed_at", "returned_at", "due_at")
        .sort_by("changed_at").last()
    )  # fmt: skip
    sent, pairs = _sent(sends), _pairs(task, sends, statuses, newest)
    first = sent.group_by(DOCUMENT).agg(col("first_sent").min())
    files = tables["files"].filter(col("role") == "main").select("document_row", "sha256")
    papers = (
        tables["documents"].join(first, on=DOCUMENT, how="left").join(files, on="document_row", how="left")
        .with_columns(folded=col("subject").str.strip_chars().str.replace_all(r"\s+", " ").str.to_lowercase())
    )  # fmt: skip
    arrivals = _arrivals(task, pairs)
    return _Frames(task, sends, statuses, newest, sent, pairs, arrivals, papers, tables["signatures"])


def _numbers(table: pl.LazyFrame) -> pl.LazyFrame:
    """Instants as microseconds since 1970."""
    return table.with_columns(pl.selectors.datetime().to_physical())


def _sent(sends: pl.LazyFrame) -> pl.LazyFrame:
    done = col("state") == "done"
    return (
        sends.filter(col("business_type").is_in([0, 3]))
        .group_by(PAIR)
        .agg(
            first_sent=col("at").min(),
            live_sent=col("at").filter(col("state") != "fail").max(),
            any_done=done.any(),
            last_failed=col("state").sort_by("at").last() == "fail",
            done_at=col("state_at").filter(done).min(),
            sends=pl.len(),
        )
    )


def _pairs(task: Task, sends: pl.LazyFrame, statuses: pl.LazyFrame, newest: pl.LazyFrame) -> pl.LazyFrame:
    failed = col("state") == "fail"
    received = (
        newest.filter(col("business_type").is_in([0, 3]))
        .group_by(PAIR)
        .agg(
            received_at=col("arrived_at").filter(~failed).min(),
            failed_receipt=failed.any(),
            registered_done=col("completed_at").min(),
            returned_at=col("returned_at").min(),
            due_at=col("due_at").sort_by("arrived_at", nulls_last=True).first(),
            needs_reply=col("needs_reply").sort_by("arrived_at", nulls_last=True).first(),
            has_receipt=pl.lit(value=True),
        )
    )
    told = col("status_code")
    answered = statuses.group_by(PAIR).agg(
        acknowledged_at=col("at").filter(told.is_in(["02", "03", "04", "05", "06"])).min(),
        refused_status=col("at").filter(told == "02").min(),
        completed_status=col("at").filter(told == "06").min(),
        has_status=pl.lit(value=True),
    )
    misrouted = statuses.filter((told == "02") & col("description").str.contains(MISROUTED)).select(PAIR).unique()
    arrived_recalls = newest.filter(col("business_type") == 1).select(*PAIR, "arrived_at")
    done_recalls = sends.filter((col("business_type") == 1) & (col("state") == "done"))
    recalled = (
        pl.concat([arrived_recalls, done_recalls.select(*PAIR, arrived_at="state_at")])
        .group_by(PAIR)
        .agg(recalled_at=col("arrived_at").min())
    )
    known = col("has_receipt").is_not_null() | col("has_status").is_not_null()
    late = (col("done_at") + ZONE_US) // DAY_US + 1 >= task.end_day
    return (
        _sent(sends)
        .join(received, on=PAIR, how="full", coalesce=True)
        .join(answered, on=PAIR, how="full", coalesce=True)
        .join(recalled, on=PAIR, how="left")
        .join(misrouted.with_columns(misrouted=pl.lit(value=True)), on=PAIR, how="left")
        .with_columns(col("failed_receipt", "misrouted").fill_null(value=False))
        .with_columns(
            done_at=pl.when(~col("failed_receipt")).then("done_at"),
            traced=pl.min_horizontal("received_at", "acknowledged_at"),
            completed_at=pl.min_horizontal("completed_status", "registered_done"),
            refused_at=pl.min_horizontal("refused_status", "returned_at"),
        )
        .with_columns(arrived_at=pl.min_horizontal("traced", pl.when(known | late).then("done_at")))
    )


def _arrivals(task: Task, pairs: pl.LazyFrame) -> pl.LazyFrame:
    calendar = pl.from_pandas(task.calendar).lazy()
    after = calendar.select(next="day", next_tenth="tenth")
    before_close = col("arrived_at") < col("closes")
    effective = pl.when(before_close).then("effective").otherwise("next")
    return (
        pairs.with_columns(day=(col("arrived_at") + ZONE_US) // DAY_US)
        .join(calendar, on="day")
        .join(after, on="next")
        .with_columns(
            acknowledge_by=(effective + 1) * DAY_US - ZONE_US,
            limit_day=pl.when((col("effective") == col("day")) & before_close).then("tenth").otherwise("next_tenth"),
        )
    )


def _of_pairs(frames: _Frames) -> dict[str, pl.LazyFrame]:
    start, end = frames.task.start, frames.task.end
    unarrived = ~col("failed_receipt") & col("arrived_at").is_null()
    overdue = col("live_sent") + FOUR_HOURS_US
    by = col("acknowledge_by")
    due = frames.arrivals.filter(
        by.is_between(start, end, closed="right") & ~col("misrouted") & (col("recalled_at") >= by).fill_null(value=True)
    )
    ordinary = frames.papers.filter(col("urgency") == "thuong").select(DOCUMENT)
    limit = col("due_at").fill_null((col("limit_day") + 1) * DAY_US - ZONE_US)
    never = [col(name).is_null() for name in ("completed_at", "refused_at", "recalled_at")]
    backlog = frames.arrivals.filter(*never, col("needs_reply"), col("arrived_at") < end, limit < end)
    return {
        "G1": frames.pairs.filter(
            col("first_sent").is_between(start, end, closed="left"), unarrived, ~col("any_done"), col("last_failed")
        ),
        "G2": frames.pairs.filter(overdue.is_between(start, end, closed="right"), unarrived),
        "N2": due.filter(col("acknowledged_at").is_null(), col("traced").is_not_null()),
        "N3": due.filter(col("acknowledged_at") > by),
        "N5": backlog.join(ordinary, on=DOCUMENT),
    }


def _of_documents(frames: _Frames) -> dict[str, pl.LazyFrame]:
    period = col("first_sent").is_between(frames.task.start, frames.task.end, closed="left")
    papers = frames.papers.filter(period)
    parties = frames.signatures.group_by("document_row").agg(parties=col("party").n_unique())
    needed = ("number", "notation", "issued_date", "doc_type", "subject", "signer_name", "signer_position", "urgency")
    missing = [col(name).is_null() for name in (*needed, "page_count")]
    kinds = pl.from_pandas(frames.task.kinds).lazy()
    abbreviations = [text for text in frames.task.kinds["abbreviation"] if text]
    typed = col("notation").str.contains(TYPED)
    first = col("notation").str.split("-").list.first()
    kind = (
        pl.when(typed & first.is_in(abbreviations))
        .then(first)
        .when(col("notation").str.contains(LETTER))
        .then(pl.lit(""))
    )
    notations = (
        papers.filter(col("number").is_not_null(), col("notation").is_not_null())
        .select("number", col("notation", "doc_type").cast(pl.String))
        .join(kinds, on="doc_type", how="left")
        .with_columns(kind=kind)
    )
    return {
        "K1": papers.join(parties, on="document_row", how="anti"),
        "K2": papers.join(parties.filter(col("parties") == 1), on="document_row"),
        "T1": papers.filter(pl.any_horizontal(*missing, col("page_count") == 0, col("recipients").list.len() == 0)),
        "T2": notations.filter(
            col("kind").is_null() | ~col("number").str.contains("^[0-9]+$") | (col("kind") != col("abbreviation"))
        ),
    }


def _sent_twice(frames: _Frames) -> pl.LazyFrame:
    several = frames.sent.filter(col("sends") > 1).select(PAIR)
    sends = frames.sends.join(several, on=PAIR, how="semi")
    delivered = frames.newest.filter(col("state") != "fail").select(*PAIR, "axis_key", "arrived_at")
    earlier = (
        sends.filter(col("business_type").is_in([0, 3]))
        .join(delivered, on=[*PAIR, "axis_key"], how="left")
        .with_columns(there_at=pl.min_horizontal(pl.when(col("state") == "done").then("state_at"), "arrived_at"))
        .select(*PAIR, earlier="at", there_at="there_at")
    )
    twice = (
        sends.filter(col("business_type") == 0, col("at") >= frames.task.start)
        .join(earlier, on=PAIR)
        .filter(col("earlier") < col("at"), col("there_at") < col("at"))
        .select(*PAIR, "at", "earlier")
    )
    excuses = pl.concat(
        [
            frames.statuses.filter(col("status_code") == "02").select(*PAIR, between_at="at"),
            frames.sends.filter(col("business_type") > 0).select(*PAIR, between_at="at"),
        ]
    )
    excused = (
        twice.join(excuses, on=PAIR)
        .filter(col("between_at").is_between(col("earlier"), col("at")))
        .select(*PAIR, "at", "earlier")
    )
    return twice.join(excused, on=[*PAIR, "at", "earlier"], how="anti").select(*PAIR, "at").unique()


def _reused(frames: _Frames) -> pl.LazyFrame:
    named = frames.papers.select(
        *DOCUMENT, "document_row", "number", "document_uid", "issued_date", "folded", "sha256",
        year=col("issued_date").dt.year(), notation=col("notation").cast(pl.String).str.to_lowercase(),
        first_sent=col("first_sent").fill_null(1 << 62),
    )  # fmt: skip
    replaced = frames.sends.filter(col("business_type").is_in([2, 3])).select(DOCUMENT)
    before = pl.lit(value=False)
    for name in ("document_uid", "first_sent", "issued_date"):
        mine, other = col(name), col(f"{name}_earlier")
        before = (other < mine) | ((other == mine) & before)
    differs = (col("folded") != col("folded_earlier")) | (col("sha256") != col("sha256_earlier"))
    return (
        named.join(named, on=["sender", "year", "number", "notation"], suffix="_earlier")
        .filter(before, differs)
        .join(replaced, on=DOCUMENT, how="anti")
        .select("document_row")
        .unique()
    )


def _missing_logs(task: Task) -> pl.LazyFrame:
    missing = ~col("state").is_in(["complete", "not_due"]) & (col("failed_at") == "agency")
    return pl.from_pandas(task.coverage).lazy().filter(missing).select("agency", "day").unique()


def main() -> None:
    """Count, and tell how long it took."""
    task = task_of(SCALES[sys.argv[1]])
    with timed() as taken:
        counts = count(task)
    report(taken, counts=counts)


if __name__ == "__main__":
    main()
