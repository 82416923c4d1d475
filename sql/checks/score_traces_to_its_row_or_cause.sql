-- Points come from one stored row; a question without one says why.
SELECT district_code, cycle, stage, key, points_hundredths, cause, answer_id, stated_id
FROM score
WHERE level = 'question' AND (
    (answer_id IS NOT NULL AND stated_id IS NOT NULL)
    OR (points_hundredths > 0 AND answer_id IS NULL AND stated_id IS NULL)
    OR cause = ''
)
