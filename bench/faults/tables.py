"""The table as it is printed: one line per goal while they run, the reasons below it."""

from __future__ import annotations

from collections.abc import Sequence

from bench.faults.running import Line

_HELD = {True: "held", False: "NOT HELD", None: "not tried"}
_WIDTH = 78


def print_heading(has_corpus: bool) -> None:
    """Print the heading, and whether a corpus of foreign files takes part."""
    print("corpus of foreign files: " + ("yes" if has_corpus else "none, only what is generated here"))
    print(f"{'goal':5} {'figure':{_WIDTH}} {'held':10} {'seconds':>7}", flush=True)


def print_line(line: Line) -> None:
    """Print one goal: its figure wrapped to the column, held or not, how long it took."""
    words = line.figure.figure.split(" ")
    rows, row = [], ""
    for word in words:
        if row and len(row) + 1 + len(word) > _WIDTH:
            rows.append(row)
            row = word
        else:
            row = f"{row} {word}".strip()
    rows.append(row)
    print(f"{line.figure.goal:5} {rows[0]:{_WIDTH}} {_HELD[line.figure.held]:10} {line.seconds:7.1f}", flush=True)
    for row in rows[1:]:
        print(f"{'':5} {row}", flush=True)


def print_why(lines: Sequence[Line], seconds: float) -> None:
    """Print why goals did not hold or were not tried, how many held, and the seconds by the clock from start to end."""
    for line in lines:
        if line.figure.why:
            print(f"{line.figure.goal} {_HELD[line.figure.held]}: {line.figure.why}")
    held = sum(line.figure.held is True for line in lines)
    print(f"{held} of {len(lines)} goals held, {seconds:.0f} s", flush=True)
