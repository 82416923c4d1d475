-- What the recaps of a stage state now: the newest row per key that was not sent back.
SELECT * FROM stated_row WHERE is_quarantined = 0 AND age = 1
