"""`make faults`: tries the promises of the project one by one and prints a table goal / figure / held.

One module per goal, g01.py to g23.py, found by its name. Each has TITLE (what is promised), SECONDS and LONG_SECONDS (what
`make faults` and `make faults-long` give it) and `run(budget) -> Figure`. A goal runs in a process and a folder of its own.
"""
