"""Removes each guard in turn and demands that a goal turns red: a guard nobody would miss guards nothing."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from bench.faults.mutants import MUTANTS
from bench.faults.running import goals, tried


def try_mutants(names: str, corpus: Path | None) -> int:
    """Print a line per guard: which goal turned red without it. Return 0 when one did for every guard, else 1."""
    wanted = sorted(MUTANTS) if names == "all" else [name.strip() for name in names.split(",")]
    if unknown := [name for name in wanted if name not in MUTANTS]:
        raise SystemExit(f"no such guard: {', '.join(unknown)}; there are {', '.join(sorted(MUTANTS))}")
    print(f"{'guard removed':24} {'goal red':10} {'seconds':>7}  what it said", flush=True)
    missed = []
    with tempfile.TemporaryDirectory(prefix="kla-mutants-") as folder:
        for name in wanted:
            begin = time.monotonic()
            goal, said = _red(name, Path(folder), corpus)
            print(f"{name:24} {goal or 'NONE':10} {time.monotonic() - begin:7.1f}  {said[:150]}", flush=True)
            missed += [] if goal else [name]
    print(f"{len(wanted) - len(missed)} of {len(wanted)} guards missed at once when removed", flush=True)
    return 1 if missed else 0


def _red(name: str, root: Path, corpus: Path | None) -> tuple[str, str]:
    """Return the first goal that turned red without the guard and what it said; ("", "") when none did."""
    known, mutant = goals(), MUTANTS[name]
    for goal in (goal for goal in mutant.goals if goal in known):
        line = tried(goal, root, is_long=False, corpus=corpus, mutant=name, seconds=mutant.seconds)
        if line.figure.held is False:
            return goal, line.figure.why
    return "", ""
