-- No points below 0 or above the maximum; "full" is said of full points only.
SELECT district_code, cycle, stage, level, key, points_hundredths, max_hundredths, cause
FROM score
WHERE points_hundredths < 0 OR points_hundredths > max_hundredths
    OR (level = 'question' AND (cause = 'full') <> (points_hundredths = max_hundredths))
