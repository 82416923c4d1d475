-- What each office says now: its newest row that was not sent back. A newer blank replaces an older answer.
SELECT * FROM answer_row WHERE is_quarantined = 0 AND age = 1
