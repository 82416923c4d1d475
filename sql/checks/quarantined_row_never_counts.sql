-- A row that went back to its office carries no points.
SELECT s.district_code, s.cycle, s.stage, s.key, s.answer_id, s.stated_id
FROM score AS s
LEFT JOIN answer AS a ON a.answer_id = s.answer_id
LEFT JOIN stated AS t ON t.stated_id = s.stated_id
WHERE COALESCE(a.is_quarantined, 0) = 1 OR COALESCE(t.is_quarantined, 0) = 1
