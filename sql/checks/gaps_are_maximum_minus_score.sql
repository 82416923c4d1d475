-- What a stage loses sums to its maximum minus its score.
SELECT t.district_code, t.cycle, t.stage, t.max_hundredths - t.points_hundredths AS missing, COALESCE(SUM(g.lost_hundredths), 0) AS lost
FROM score AS t
LEFT JOIN gap AS g ON g.district_code = t.district_code AND g.cycle = t.cycle AND g.stage = t.stage
WHERE t.level = 'total'
GROUP BY t.district_code, t.cycle, t.stage, t.max_hundredths, t.points_hundredths
HAVING COALESCE(SUM(g.lost_hundredths), 0) <> t.max_hundredths - t.points_hundredths
