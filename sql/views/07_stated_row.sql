-- Every stored row of a recap with its file; age as in answer_row. A recap speaks for the district, never from an office's folder.
SELECT
    s.district_code,
    s.cycle,
    s.stage,
    s.opd_code,
    s.file_name,
    s.sha256,
    s.received_at,
    s.run_id,
    t.*,
    ROW_NUMBER() OVER (
        PARTITION BY s.district_code, s.cycle, s.stage, t.level, t.key, t.is_quarantined
        ORDER BY s.received_at DESC, s.sha256 DESC, t.stated_id
    ) AS age
FROM submission AS s
INNER JOIN stated AS t ON t.submission_id = s.submission_id
WHERE s.outcome <> 'refused' AND s.opd_code = ''
