-- Points per block of the card, beside the stage's total.
SELECT
    b.district_code,
    b.cycle,
    b.stage,
    b.key AS block_code,
    b.position,
    b.points_hundredths,
    b.max_hundredths,
    t.points_hundredths AS total_hundredths,
    t.predikat
FROM score AS b
INNER JOIN score AS t
    ON t.district_code = b.district_code AND t.cycle = b.cycle AND t.stage = b.stage AND t.level = 'total'
WHERE b.level = 'block'
