"""`python -m bench.faults [--long] [--only G1,G7] [--seconds N] [--corpus DIR] [--mutants [NAME,...]]`.

Exit code 0: every goal was tried and held. 1: some goal did not hold. 3: all that could be tried here held, some could not.
`--mutants` removes each guard in turn and demands that a goal turns red: 0 when one does for every guard.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from bench.faults.running import Line, all_tried, corpus_of, goals
from bench.faults.tables import print_heading, print_line, print_why


def main() -> int:
    """Try the goals, print the table, return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__.splitlines()[0])
    parser.add_argument("--long", action="store_true", help="as long as it takes, not 10 minutes")
    parser.add_argument("--only", default="", help="goals to try, such as G1,G7")
    parser.add_argument("--seconds", type=float, default=0, help="what each goal is given, instead of what it asks for")
    parser.add_argument("--corpus", type=Path, help="a folder of odd files (else KLA_CORPUS, else ../shared/corpus)")
    parser.add_argument(
        "--lanes", type=int, default=min(2, os.cpu_count() or 1), help="goals at a time (2 where there are cores)"
    )
    parser.add_argument("--mutants", nargs="?", const="all", help="remove guards and demand a red: all, or names")
    given = parser.parse_args()
    corpus = corpus_of(given.corpus)
    if given.mutants:
        from bench.faults.mutation import try_mutants

        return try_mutants(given.mutants, corpus)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kla-faults-") as folder:
        lines = _lines(Path(folder), given, corpus)
    print_why(lines, time.monotonic() - begin)
    if any(line.figure.held is False for line in lines):
        return 1
    return 3 if any(line.figure.held is None for line in lines) or not lines else 0


def _lines(root: Path, given: argparse.Namespace, corpus: Path | None) -> list[Line]:
    wanted = [goal for goal in given.only.upper().replace(" ", "").split(",") if goal]
    print_heading(corpus is not None)
    lines = []
    for line in all_tried(
        goals(wanted), root, is_long=given.long, corpus=corpus, lanes=given.lanes, seconds=given.seconds
    ):
        lines.append(line)
        print_line(line)
    return lines


if __name__ == "__main__":
    sys.exit(main())
