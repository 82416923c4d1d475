-- Nothing of a refused file is stored; a returned one says why.
SELECT s.submission_id, s.district_code, s.opd_code, s.file_name, s.outcome, s.code
FROM submission AS s
WHERE (s.outcome = 'refused' AND (
    EXISTS (SELECT 1 FROM answer AS a WHERE a.submission_id = s.submission_id)
    OR EXISTS (SELECT 1 FROM evidence AS e WHERE e.submission_id = s.submission_id)
    OR EXISTS (SELECT 1 FROM stated AS t WHERE t.submission_id = s.submission_id)
)) OR (s.outcome = 'accepted') <> (s.code = '')
