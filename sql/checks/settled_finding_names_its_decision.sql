-- Nothing is waived or acknowledged without a decision of that kind about that office and rule; what is open names none.
SELECT f.district_code, f.opd_code, f.code, f.status, f.decision_id
FROM (
    SELECT district_code, opd_code, code, status, decision_id, severity FROM finding
    UNION ALL
    SELECT district_code, opd_code, code, status, decision_id, severity FROM standing_finding
) AS f
LEFT JOIN decision AS d
    ON d.decision_id = f.decision_id AND d.district_code = f.district_code AND d.opd_code = f.opd_code AND d.code = f.code
    AND d.kind = CASE f.status WHEN 'waived' THEN 'waiver' ELSE 'acknowledgement' END
WHERE (f.status = 'open' AND f.decision_id <> '')
    OR (f.status <> 'open' AND d.decision_id IS NULL)
    OR (f.status = 'acknowledged' AND f.severity <> 'warning')
    OR f.status NOT IN ('open', 'waived', 'acknowledged')
