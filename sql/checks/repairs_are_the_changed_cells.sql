-- The log of repairs holds one row per cell that was read as something other than written.
SELECT s.submission_id, s.district_code, s.opd_code, s.file_name, s.cells_repaired, COALESCE(r.repairs, 0) AS repairs
FROM submission AS s
LEFT JOIN (
    SELECT
        submission_id,
        COUNT(*) AS repairs,
        COUNT(DISTINCT CASE WHEN cell = '' THEN NULL ELSE sheet || '!' || cell END) AS cells,
        SUM(CASE WHEN cell = '' THEN 0 ELSE 1 END) AS with_cell,
        SUM(CASE WHEN original = result THEN 1 ELSE 0 END) AS unchanged
    FROM repair
    GROUP BY submission_id
) AS r ON r.submission_id = s.submission_id
WHERE s.cells_repaired <> COALESCE(r.repairs, 0) OR r.cells <> r.with_cell OR r.unchanged > 0
