-- The last file of each office and stage, whatever became of it.
SELECT * FROM version WHERE age = 1
