-- One version per office and stage is in force.
SELECT district_code, cycle, stage, opd_code, COUNT(*) AS versions
FROM current_submission
GROUP BY district_code, cycle, stage, opd_code
HAVING COUNT(*) <> 1
