-- Every stored row of an office form with its file; age 1 is the newest row per office and question among
-- those that count (is_quarantined 0) and among those sent back (is_quarantined 1), each for itself.
SELECT
    s.district_code,
    s.cycle,
    s.stage,
    s.opd_code,
    s.file_name,
    s.sha256,
    s.received_at,
    s.run_id,
    a.*,
    ROW_NUMBER() OVER (
        PARTITION BY s.district_code, s.cycle, s.stage, s.opd_code, a.question_id, a.is_quarantined
        ORDER BY s.received_at DESC, s.sha256 DESC, a.answer_id
    ) AS age
FROM submission AS s
INNER JOIN answer AS a ON a.submission_id = s.submission_id
WHERE s.outcome <> 'refused'
