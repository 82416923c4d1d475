-- A row that a rule or a steward's decision blocks is sent back, so that it never counts; only a waiver lets it through.
SELECT s.district_code, s.cycle, s.stage, s.opd_code, r.frame, r.sheet, r.sheet_row, f.code
FROM finding AS f
INNER JOIN submission AS s ON s.submission_id = f.submission_id
INNER JOIN (
    SELECT 'answers' AS frame, submission_id, sheet, sheet_row, is_quarantined FROM answer
    UNION ALL
    SELECT 'evidence' AS frame, submission_id, sheet, sheet_row, is_quarantined FROM evidence
    UNION ALL
    SELECT 'stated' AS frame, submission_id, sheet, sheet_row, is_quarantined FROM stated
) AS r ON r.submission_id = f.submission_id
WHERE f.severity = 'blocking' AND f.status <> 'waived' AND r.is_quarantined = 0 AND (
    (r.frame = f.frame AND f.row_key = r.sheet || '!' || CAST(r.sheet_row AS TEXT)) OR f.row_key = r.sheet || '!'
)
