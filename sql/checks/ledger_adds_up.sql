-- Every non-blank cell went somewhere: loaded + quarantined + ignored = read; ignored ones name their rule.
SELECT s.submission_id, s.district_code, s.opd_code, s.file_name, s.cells_read, s.cells_loaded, s.cells_quarantined, s.cells_ignored
FROM submission AS s
LEFT JOIN (SELECT submission_id, SUM(cells) AS cells FROM ignored GROUP BY submission_id) AS i ON i.submission_id = s.submission_id
WHERE s.cells_loaded + s.cells_quarantined + s.cells_ignored <> s.cells_read
    OR s.cells_ignored <> COALESCE(i.cells, 0) OR s.cells_loaded < 0 OR s.cells_quarantined < 0
