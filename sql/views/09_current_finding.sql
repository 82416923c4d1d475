-- What an office has to read: the findings of its last file and, when that was refused, of the file still in force.
SELECT f.*
FROM finding AS f
INNER JOIN newest_version AS v ON v.submission_id = f.submission_id
UNION
SELECT f.*
FROM finding AS f
INNER JOIN current_submission AS s ON s.submission_id = f.submission_id
