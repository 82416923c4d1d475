-- Every file that was judged, numbered from 1 per office and stage ('' = a recap) in the order of arrival; age 1 is the last.
SELECT
    s.*,
    ROW_NUMBER() OVER (
        PARTITION BY s.district_code, s.cycle, s.stage, s.opd_code ORDER BY s.received_at, s.sha256, s.submission_id
    ) AS version,
    ROW_NUMBER() OVER (
        PARTITION BY s.district_code, s.cycle, s.stage, s.opd_code ORDER BY s.received_at DESC, s.sha256 DESC, s.submission_id DESC
    ) AS age
FROM submission AS s
