-- The points of a block are those of its questions.
SELECT b.district_code, b.cycle, b.stage, b.key, b.points_hundredths, SUM(q.points_hundredths) AS questions
FROM score AS b
LEFT JOIN score AS q
    ON q.district_code = b.district_code AND q.cycle = b.cycle AND q.stage = b.stage
    AND q.level = 'question' AND q.block_code = b.key
WHERE b.level = 'block'
GROUP BY b.district_code, b.cycle, b.stage, b.key, b.points_hundredths, b.max_hundredths
HAVING COALESCE(SUM(q.points_hundredths), -1) <> b.points_hundredths OR COALESCE(SUM(q.max_hundredths), -1) <> b.max_hundredths
