-- A score's row answers the same question, of the same district, cycle and stage, from the same office.
SELECT s.district_code, s.cycle, s.stage, s.key, s.opd_code, a.question_id, b.opd_code AS answered_by
FROM score AS s
INNER JOIN answer AS a ON a.answer_id = s.answer_id
INNER JOIN submission AS b ON b.submission_id = a.submission_id
WHERE a.question_id <> s.key OR b.district_code <> s.district_code OR b.cycle <> s.cycle OR b.stage <> s.stage
    OR b.opd_code <> s.opd_code OR b.outcome = 'refused'
UNION ALL
SELECT s.district_code, s.cycle, s.stage, s.key, s.opd_code, t.key, b.opd_code
FROM score AS s
INNER JOIN stated AS t ON t.stated_id = s.stated_id
INNER JOIN submission AS b ON b.submission_id = t.submission_id
WHERE (s.level = 'question' AND (t.key <> s.key OR t.level <> 'question'))
    OR (s.level <> 'question' AND (s.level <> 'total' OR s.stage <> 'final' OR t.level <> 'predikat' OR t.label <> s.predikat))
    OR b.district_code <> s.district_code OR b.cycle <> s.cycle
    OR b.stage <> s.stage OR b.outcome = 'refused'
