-- The last file of each office and stage that was not refused: its data dukung counts.
SELECT *
FROM (
    SELECT
        s.*,
        ROW_NUMBER() OVER (
            PARTITION BY s.district_code, s.cycle, s.stage, s.opd_code ORDER BY s.received_at DESC, s.sha256 DESC, s.submission_id DESC
        ) AS age
    FROM submission AS s
    WHERE s.outcome <> 'refused'
) AS ranked
WHERE age = 1
