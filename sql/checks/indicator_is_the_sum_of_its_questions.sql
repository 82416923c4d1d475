-- The points of an indicator are those of its questions.
SELECT i.district_code, i.cycle, i.stage, i.key, i.points_hundredths, SUM(q.points_hundredths) AS questions
FROM score AS i
LEFT JOIN score AS q
    ON q.district_code = i.district_code AND q.cycle = i.cycle AND q.stage = i.stage
    AND q.level = 'question' AND q.indicator_number = i.key
WHERE i.level = 'indicator'
GROUP BY i.district_code, i.cycle, i.stage, i.key, i.points_hundredths, i.max_hundredths
HAVING COALESCE(SUM(q.points_hundredths), -1) <> i.points_hundredths OR COALESCE(SUM(q.max_hundredths), -1) <> i.max_hundredths
