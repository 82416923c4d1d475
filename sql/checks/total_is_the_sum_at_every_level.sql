-- Questions, indicators and blocks each sum to the total; a stage with rows has a total.
SELECT s.district_code, s.cycle, s.stage, s.level, SUM(s.points_hundredths) AS points, MAX(t.points_hundredths) AS total
FROM score AS s
LEFT JOIN score AS t
    ON t.district_code = s.district_code AND t.cycle = s.cycle AND t.stage = s.stage AND t.level = 'total'
GROUP BY s.district_code, s.cycle, s.stage, s.level
HAVING COALESCE(MAX(t.points_hundredths), -1) <> SUM(s.points_hundredths)
    OR COALESCE(MAX(t.max_hundredths), -1) <> SUM(s.max_hundredths)
