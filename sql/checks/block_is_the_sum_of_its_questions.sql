-- The points of a block are those of its questions.
SELECT b.district_code, b.cycle, b.stage, b.key, b.points_hundredths, q.points_hundredths AS questions
FROM score AS b
LEFT JOIN (
    SELECT district_code, cycle, stage, block_code, SUM(points_hundredths) AS points_hundredths, SUM(max_hundredths) AS max_hundredths
    FROM score
    WHERE level = 'question'
    GROUP BY district_code, cycle, stage, block_code
) AS q ON q.district_code = b.district_code AND q.cycle = b.cycle AND q.stage = b.stage AND q.block_code = b.key
WHERE b.level = 'block'
    AND (COALESCE(q.points_hundredths, -1) <> b.points_hundredths OR COALESCE(q.max_hundredths, -1) <> b.max_hundredths)
