-- Where each office stands at each stage, by its last file; answered counts its questions that hold an answer now.
SELECT
    v.district_code,
    v.cycle,
    v.stage,
    v.opd_code,
    v.version AS versions,
    v.outcome,
    v.code,
    v.received_at,
    COALESCE(c.answered, 0) AS answered
FROM newest_version AS v
LEFT JOIN (
    SELECT district_code, cycle, stage, opd_code, COUNT(*) AS answered
    FROM current_answer
    WHERE is_blank = 0
    GROUP BY district_code, cycle, stage, opd_code
) AS c
    ON c.district_code = v.district_code AND c.cycle = v.cycle AND c.stage = v.stage AND c.opd_code = v.opd_code
WHERE v.opd_code <> ''
