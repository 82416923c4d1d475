-- A file that was received has exactly one outcome.
SELECT r.receipt_id, r.district_code, r.folder, r.file_name
FROM receipt AS r
LEFT JOIN submission AS s ON s.receipt_id = r.receipt_id
WHERE s.submission_id IS NULL OR s.outcome NOT IN ('accepted', 'returned', 'refused')
