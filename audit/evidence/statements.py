"""The tables of an evidence file, and the questions to them that take more than a line."""

from __future__ import annotations

from typing import Final

SCHEMA: Final = """
PRAGMA journal_mode = DELETE;
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS bodies (
    sha256 TEXT PRIMARY KEY, size INTEGER NOT NULL, packed BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS attempts (
    id INTEGER PRIMARY KEY, series INTEGER NOT NULL, run_id TEXT NOT NULL,
    agency TEXT NOT NULL, table_name TEXT NOT NULL, kind TEXT NOT NULL, provisional INTEGER NOT NULL,
    started_at TEXT NOT NULL, ended_at TEXT, outcome TEXT, failed_at TEXT, reason TEXT NOT NULL DEFAULT '',
    http_status INTEGER
);
CREATE TABLE IF NOT EXISTS pages (
    series INTEGER NOT NULL, page_no INTEGER NOT NULL, cursor TEXT NOT NULL, next_cursor TEXT,
    sha256 TEXT NOT NULL REFERENCES bodies, rows INTEGER NOT NULL, total INTEGER, generated_at TEXT,
    url TEXT NOT NULL, http_status INTEGER NOT NULL, headers TEXT NOT NULL, fetched_at TEXT NOT NULL,
    PRIMARY KEY (series, cursor), UNIQUE (series, page_no)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refused (
    attempt INTEGER NOT NULL REFERENCES attempts, cursor TEXT NOT NULL, sha256 TEXT NOT NULL REFERENCES bodies,
    reason TEXT NOT NULL, url TEXT NOT NULL, http_status INTEGER NOT NULL, headers TEXT NOT NULL,
    fetched_at TEXT NOT NULL
);
COMMIT;
"""

COUNTED: Final = """
WITH series AS (
    SELECT series, agency, table_name, kind, max(coalesce(outcome, '') = 'complete') AS is_complete
    FROM attempts WHERE NOT provisional GROUP BY series
), sized AS (
    SELECT s.*, count(*) AS pages, sum(p.rows) AS rows FROM series s JOIN pages p USING (series) GROUP BY s.series
)
SELECT series, agency, table_name, kind, is_complete, pages, rows FROM (
    SELECT *, row_number() OVER (
        PARTITION BY agency, table_name
        ORDER BY is_complete DESC, CASE WHEN is_complete THEN 0 ELSE rows END DESC, series DESC
    ) AS place FROM sized
) WHERE place = 1 ORDER BY agency, table_name
"""
"""The pages that count: the latest complete series, else the one with most rows, the latest of equals."""

LATEST_PROVISIONAL: Final = """
SELECT a.series, a.agency, a.table_name, a.kind, max(coalesce(a.outcome, '') = 'complete'), count(*), sum(p.rows)
FROM attempts a JOIN pages p USING (series)
WHERE a.provisional AND a.id = (
    SELECT max(b.id) FROM attempts b
    WHERE b.agency = a.agency AND b.table_name = a.table_name AND b.provisional
)
GROUP BY a.series ORDER BY a.agency, a.table_name
"""
"""As `COUNTED`, of what was pulled while the day was running."""

RESUMABLE: Final = """
SELECT series FROM attempts a
WHERE agency = ? AND table_name = ? AND kind = ? AND NOT provisional
    AND coalesce(outcome, 'interrupted') = 'interrupted'
    AND id = (
        SELECT max(id) FROM attempts b WHERE b.agency = a.agency AND b.table_name = a.table_name AND NOT b.provisional
    )
    AND EXISTS (SELECT 1 FROM pages WHERE pages.series = a.series)
"""
"""The series of an agency's table that a new attempt can go on with: that of the last attempt, if it broke off."""
