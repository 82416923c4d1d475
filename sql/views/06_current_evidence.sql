-- The data dukung of each office's last file that was not refused, rows sent back included (is_quarantined 1).
SELECT
    s.district_code,
    s.cycle,
    s.stage,
    s.opd_code,
    s.file_name,
    s.sha256,
    s.run_id,
    e.*
FROM current_submission AS s
INNER JOIN evidence AS e ON e.submission_id = s.submission_id
