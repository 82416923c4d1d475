-- Points lost per office that can win them back ('' = nobody owns the question).
SELECT district_code, cycle, stage, opd_code, COUNT(*) AS questions, CAST(SUM(lost_hundredths) AS INTEGER) AS lost_hundredths
FROM gap
GROUP BY district_code, cycle, stage, opd_code
