-- A withdrawal ends an earlier decision of the same district, never another withdrawal.
SELECT w.decision_id, w.district_code, w.who, w.withdraws
FROM decision AS w
LEFT JOIN decision AS d ON d.decision_id = w.withdraws AND d.district_code = w.district_code AND d.kind <> 'withdrawal'
WHERE (w.kind = 'withdrawal') <> (w.withdraws <> '') OR (w.kind = 'withdrawal' AND d.decision_id IS NULL)
