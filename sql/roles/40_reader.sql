-- Pages and the commands that only look. Writes nothing, and sees only what a page or such a command shows.
-- Every table and view is named in this file: granted, or kept back with its reason (a test asks for it).
GRANT SELECT ON alembic_version, meta, run, receipt, submission, ignored, answer, evidence, stated, finding, standing_finding,
    score, gap, decision, repair, alias_queue, finding_change, backfill_step, published,
    freshness TO kla_reader;
GRANT SELECT ON version, newest_version, current_submission, answer_row, current_answer, current_evidence, stated_row,
    current_stated, current_finding, office_status, score_by_klaster, gap_by_cause, gap_by_office TO kla_reader;
-- kept back: lease (who writes now; for writers)
-- kept back: attachment (what data dukung was like; only judging again asks)
-- kept back: reminder (what was sent to whom, with addresses; for writers)
-- kept back: unsettled (what a killed run left to compare; for writers)
