-- The twelve rules in DuckDB, as one would write them who knows the log: pairs first, then a count a rule.
-- start, end: the period in microseconds since 1970; end_day: the first local day that is not seen.

CREATE TEMP TABLE sent AS
SELECT sender, reference, recipient,
       min("at") AS first_sent,
       max("at") FILTER (state <> 'fail') AS live_sent,
       bool_or(state = 'done') AS any_done,
       arg_max(state, "at") = 'fail' AS last_failed,
       min(state_at) FILTER (state = 'done') AS done_at,
       count(*) AS sends
FROM (SELECT sender, reference, recipient, state, epoch_us(sent_at) AS "at", epoch_us(state_at) AS state_at
      FROM sends WHERE business_type IN (0, 3))
GROUP BY ALL;

CREATE TEMP TABLE newest AS
SELECT * EXCLUDE (n) FROM (
    SELECT sender, reference, recipient, axis_key, business_type, state, needs_reply,
           epoch_us(arrived_at) AS arrived_at, epoch_us(completed_at) AS completed_at,
           epoch_us(returned_at) AS returned_at, epoch_us(due_at) AS due_at,
           row_number() OVER (PARTITION BY sender, reference, recipient, axis_key ORDER BY changed_at DESC) AS n
    FROM receipts)
WHERE n = 1;

CREATE TEMP TABLE received AS
SELECT sender, reference, recipient,
       min(arrived_at) FILTER (state <> 'fail') AS arrived_at,
       bool_or(state = 'fail') AS failed,
       min(completed_at) AS completed_at,
       min(returned_at) AS returned_at,
       arg_min(due_at, arrived_at) AS due_at,
       arg_min(needs_reply, arrived_at) AS needs_reply
FROM newest WHERE business_type IN (0, 3)
GROUP BY ALL;

CREATE TEMP TABLE recalled AS
SELECT sender, reference, recipient, min("at") AS recalled_at
FROM (SELECT sender, reference, recipient, epoch_us(state_at) AS "at" FROM sends WHERE business_type = 1 AND state = 'done'
      UNION ALL
      SELECT sender, reference, recipient, arrived_at FROM newest WHERE business_type = 1)
GROUP BY ALL;

CREATE TEMP TABLE answered AS
SELECT to_org AS sender, reference, from_org AS recipient,
       min("at") FILTER (status_code IN ('02', '03', '04', '05', '06')) AS acknowledged_at,
       min("at") FILTER (status_code = '02') AS refused_at,
       min("at") FILTER (status_code = '06') AS completed_at
FROM (SELECT to_org, reference, from_org, status_code, epoch_us("at") AS "at" FROM statuses)
GROUP BY ALL;

CREATE TEMP TABLE misrouted AS
SELECT DISTINCT to_org AS sender, reference, from_org AS recipient
FROM statuses
WHERE status_code = '02' AND regexp_matches(description, 'gửi nhầm|không thuộc thẩm quyền|sai nơi nhận|không đúng nơi nhận', 'i');

CREATE TEMP TABLE pairs AS
SELECT *, least(traced, CASE WHEN known OR (done_at + 25200000000) // 86400000000 + 1 >= $end_day THEN done_at END) AS arrived_at
FROM (
    SELECT sender, reference, recipient, s.first_sent, s.live_sent, s.any_done, s.last_failed,
           coalesce(r.failed, false) AS failed_receipt,
           CASE WHEN coalesce(r.failed, false) THEN NULL ELSE s.done_at END AS done_at,
           r.sender IS NOT NULL OR a.sender IS NOT NULL AS known,
           least(r.arrived_at, a.acknowledged_at) AS traced,
           a.acknowledged_at, r.due_at, r.needs_reply,
           least(a.completed_at, r.completed_at) AS completed_at,
           least(a.refused_at, r.returned_at) AS refused_at,
           recalled_at, m.sender IS NOT NULL AS misrouted
    FROM sent s
    FULL JOIN received r USING (sender, reference, recipient)
    FULL JOIN answered a USING (sender, reference, recipient)
    LEFT JOIN recalled USING (sender, reference, recipient)
    LEFT JOIN misrouted m USING (sender, reference, recipient));

CREATE TEMP TABLE arrivals AS
SELECT p.*, c.tenth,
       (CASE WHEN arrived_at < c.closes THEN c.effective ELSE c.next END + 1) * 86400000000 - 25200000000 AS acknowledge_by,
       CASE WHEN c.effective = c.day AND arrived_at < c.closes THEN c.tenth ELSE n.tenth END AS limit_day
FROM pairs p
JOIN calendar c ON c.day = (arrived_at + 25200000000) // 86400000000
JOIN calendar n ON n.day = c.next;

CREATE TEMP TABLE papers AS
SELECT d.*, f.first_sent, file.sha256, lower(regexp_replace(trim(d.subject), '\s+', ' ', 'g')) AS folded
FROM documents d
LEFT JOIN (SELECT sender, reference, min(first_sent) AS first_sent FROM sent GROUP BY ALL) f USING (sender, reference)
LEFT JOIN (SELECT document_row, sha256, has_signatures FROM files WHERE role = 'main') file USING (document_row);

CREATE TEMP TABLE sent_papers AS SELECT * FROM papers WHERE first_sent >= $start AND first_sent < $end;

CREATE TEMP TABLE found AS
SELECT 'G1' AS code, count(*) AS findings FROM pairs
WHERE first_sent >= $start AND first_sent < $end AND NOT failed_receipt AND NOT any_done AND last_failed AND arrived_at IS NULL
UNION ALL
SELECT 'G2', count(*) FROM pairs
WHERE live_sent + 14400000000 > $start AND live_sent + 14400000000 <= $end AND NOT failed_receipt AND arrived_at IS NULL
UNION ALL
SELECT 'N2', count(*) FROM arrivals
WHERE acknowledge_by > $start AND acknowledge_by <= $end AND NOT misrouted AND coalesce(recalled_at >= acknowledge_by, true)
  AND acknowledged_at IS NULL AND traced IS NOT NULL
UNION ALL
SELECT 'N3', count(*) FROM arrivals
WHERE acknowledge_by > $start AND acknowledge_by <= $end AND NOT misrouted AND coalesce(recalled_at >= acknowledge_by, true)
  AND acknowledged_at > acknowledge_by
UNION ALL
SELECT 'N5', count(*) FROM arrivals a JOIN papers d USING (sender, reference)
WHERE d.urgency = 'thuong' AND a.completed_at IS NULL AND a.refused_at IS NULL AND a.recalled_at IS NULL
  AND a.needs_reply AND a.arrived_at < $end
  AND coalesce(a.due_at, (a.limit_day + 1) * 86400000000 - 25200000000) < $end
UNION ALL
SELECT 'K1', count(*) FROM sent_papers p ANTI JOIN signatures s ON s.document_row = p.document_row
UNION ALL
SELECT 'K2', count(*) FROM (
    SELECT document_row FROM sent_papers JOIN signatures USING (document_row)
    GROUP BY document_row HAVING count(DISTINCT party) = 1)
UNION ALL
SELECT 'T1', count(*) FROM sent_papers
WHERE number IS NULL OR notation IS NULL OR issued_date IS NULL OR doc_type IS NULL OR subject IS NULL OR signer_name IS NULL
   OR signer_position IS NULL OR urgency IS NULL OR page_count IS NULL OR page_count = 0 OR len(recipients) = 0
UNION ALL
SELECT 'T2', count(*) FROM (
    SELECT k.abbreviation AS wanted, d.number,
           CASE WHEN regexp_full_match(notation, '([A-ZĐ][A-Za-zĐđ]*)-[A-ZĐÂĂÊÔƠƯ&.]+(-[A-ZĐÂĂÊÔƠƯ&.]+)*')
                 AND split_part(notation, '-', 1) IN (SELECT abbreviation FROM kinds WHERE abbreviation <> '')
                THEN split_part(notation, '-', 1)
                WHEN regexp_full_match(notation, '[A-ZĐÂĂÊÔƠƯ]+-[A-ZĐÂĂÊÔƠƯ&.]+(-[A-ZĐÂĂÊÔƠƯ]+)*') THEN '' END AS kind
    FROM sent_papers d LEFT JOIN kinds k USING (doc_type)
    WHERE number IS NOT NULL AND notation IS NOT NULL)
WHERE kind IS NULL OR NOT regexp_full_match(number, '[0-9]+') OR (wanted IS NOT NULL AND kind <> wanted)
UNION ALL
SELECT 'L1', count(DISTINCT (sender, reference, recipient, "at")) FROM (
    SELECT s.sender, s.reference, s.recipient, epoch_us(s.sent_at) AS "at", epoch_us(e.sent_at) AS earlier
    FROM sent p
    JOIN sends s USING (sender, reference, recipient)
    JOIN sends e USING (sender, reference, recipient)
    LEFT JOIN newest r ON r.sender = s.sender AND r.reference = s.reference AND r.recipient = s.recipient
                      AND r.axis_key = e.axis_key AND r.state <> 'fail'
    WHERE p.sends > 1 AND s.business_type = 0 AND e.business_type IN (0, 3) AND s.sent_at >= make_timestamptz($start)
      AND e.sent_at < s.sent_at
      AND least(CASE WHEN e.state = 'done' THEN e.state_at END, make_timestamptz(r.arrived_at)) < s.sent_at) twice
ANTI JOIN (SELECT to_org AS sender, reference, from_org AS recipient, epoch_us("at") AS between_at FROM statuses WHERE status_code = '02'
           UNION ALL SELECT sender, reference, recipient, epoch_us(sent_at) FROM sends WHERE business_type > 0) x
  ON x.sender = twice.sender AND x.reference = twice.reference AND x.recipient = twice.recipient
 AND x.between_at BETWEEN twice.earlier AND twice."at"
UNION ALL
SELECT 'L2', count(DISTINCT l.document_row)
FROM papers l JOIN papers e ON e.sender = l.sender AND year(e.issued_date) = year(l.issued_date)
                           AND e.number = l.number AND lower(e.notation) = lower(l.notation)
WHERE (e.issued_date, coalesce(e.first_sent, 9e18), e.document_uid) < (l.issued_date, coalesce(l.first_sent, 9e18), l.document_uid)
  AND (e.folded <> l.folded OR e.sha256 <> l.sha256)
  AND NOT EXISTS (FROM sends s WHERE s.business_type IN (2, 3) AND s.sender = l.sender AND s.reference = l.reference)
UNION ALL
SELECT 'H2', count(*) FROM (
    SELECT agency, day FROM coverage WHERE state NOT IN ('complete', 'not_due') AND failed_at = 'agency' GROUP BY ALL);
