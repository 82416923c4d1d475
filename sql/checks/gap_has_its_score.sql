-- Every gap belongs to a scored question, and takes no more than that question lacks.
SELECT g.district_code, g.cycle, g.stage, g.question_id, SUM(g.lost_hundredths) AS lost
FROM gap AS g
LEFT JOIN score AS q
    ON q.district_code = g.district_code AND q.cycle = g.cycle AND q.stage = g.stage
    AND q.level = 'question' AND q.key = g.question_id
GROUP BY g.district_code, g.cycle, g.stage, g.question_id, q.max_hundredths, q.points_hundredths
HAVING COALESCE(q.max_hundredths - q.points_hundredths, -1) <> SUM(g.lost_hundredths)
