-- The points of an indicator are those of its questions.
SELECT i.district_code, i.cycle, i.stage, i.key, i.points_hundredths, q.points_hundredths AS questions
FROM score AS i
LEFT JOIN (
    SELECT district_code, cycle, stage, indicator_number, SUM(points_hundredths) AS points_hundredths, SUM(max_hundredths) AS max_hundredths
    FROM score
    WHERE level = 'question'
    GROUP BY district_code, cycle, stage, indicator_number
) AS q ON q.district_code = i.district_code AND q.cycle = i.cycle AND q.stage = i.stage AND q.indicator_number = i.key
WHERE i.level = 'indicator'
    AND (COALESCE(q.points_hundredths, -1) <> i.points_hundredths OR COALESCE(q.max_hundredths, -1) <> i.max_hundredths)
