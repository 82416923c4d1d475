-- Points lost per cause.
SELECT district_code, cycle, stage, cause, COUNT(*) AS questions, CAST(SUM(lost_hundredths) AS INTEGER) AS lost_hundredths
FROM gap
GROUP BY district_code, cycle, stage, cause
