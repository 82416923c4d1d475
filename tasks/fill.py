"""Fill: the steps of a backfill, a district's cycle each: what it counts before, its files once more, what it counts after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kla.backfill import Counts, Step, backfill_id
from kla.io.rules import rules_version
from kla.io.run_words import say
from kla.wording import points_text
from tasks.batch import Batch
from tasks.effect import effect
from tasks.plan import Plan
from tasks.rejudge import held

Place = tuple[str, int]


class Wish:
    """What is to be filled: districts, cycles and rule sets (None: all; of rule sets, all but today's)."""

    def __init__(
        self,
        districts: Sequence[str] | None,
        cycles: Sequence[int] | None,
        rule_sets: Sequence[str] | None,
    ) -> None:
        self.cycles = tuple(cycles or ())
        self.rule_sets = tuple(rule_sets or ())
        self.rules_now = rules_version()
        self.backfill_id = backfill_id(districts, cycles, rule_sets, self.rules_now)

    def places(self, plan: Plan) -> tuple[Place, ...]:
        """Return every district and cycle meant, the earlier cycle of a district first: it is the history of the next."""
        from kla.io.warehouse.backfills import cycles_of

        return tuple(
            (code, cycle)
            for code in plan.districts
            for cycle in cycles_of(plan.warehouse, code)
            if not self.cycles or cycle in self.cycles
        )


@effect("mulai langkah", "mulai {place}")
def begin(plan: Plan, wish: Wish, place: Place, run_id: str) -> tuple[Step, Batch]:
    """Write down that a step is begun and what it counts, and return it with its files from the archive.

    A step that was begun before keeps what it counted first, and its rule sets.
    """
    from kla.io.warehouse import backfills

    code, cycle = place
    begun = {(it.district_code, it.cycle): it for it in backfills.steps(plan.warehouse, wish.backfill_id)}
    receipts, old = backfills.due(
        plan.warehouse, plan.districts[code], cycle, plan.real_archive, wish.rules_now, wish.rule_sets
    )
    files = held(plan, {code: receipts})
    before = backfills.count(plan.warehouse, code, cycle)
    first = begun.get(place, Step(code, cycle, run_id, old, 0, before, None))
    step = replace(first, run_id=run_id, judged=first.judged + len(files.receipts), after=None)
    backfills.keep(plan.warehouse, wish.backfill_id, replace(step, judged=first.judged))
    return step, files


@effect("catat langkah", "catat {step.district_code} {step.cycle}")
def end(plan: Plan, wish: Wish, step: Step) -> Step:
    """Write down that a step is done and what it counts now."""
    from kla.io.warehouse import backfills

    done = replace(step, after=backfills.count(plan.warehouse, step.district_code, step.cycle))
    backfills.keep(plan.warehouse, wish.backfill_id, done)
    return done


def done_places(plan: Plan, wish: Wish) -> dict[Place, Step]:
    """Return the steps of this very backfill that an earlier run has done."""
    from kla.io.warehouse import backfills

    found = backfills.steps(plan.warehouse, wish.backfill_id)
    return {(it.district_code, it.cycle): it for it in found if it.is_done}


def told(step: Step) -> str:
    """Return a step as a sentence: files judged again, and each count that changed, before and after."""
    after = step.after or step.before
    changed = [
        say(f"backfill.{name}", old=getattr(step.before, name), new=getattr(after, name))
        for name in ("accepted", "returned", "refused", "blocking", "warnings")
        if getattr(step.before, name) != getattr(after, name)
    ]
    changed += _points(step.before, after)
    what = "; ".join(changed) or say("backfill.same")
    rules = ", ".join(step.rule_sets) or say("backfill.none")
    return say("backfill.step", code=step.district_code, cycle=step.cycle, judged=step.judged, rules=rules, what=what)


def _points(before: Counts, after: Counts) -> list[str]:
    stages = dict.fromkeys([*before.points, *after.points])
    pairs = [(stage, before.points.get(stage), after.points.get(stage)) for stage in stages]
    none = say("backfill.none")
    return [
        say(
            "backfill.points",
            stage=stage,
            old=none if old is None else points_text(old),
            new=none if new is None else points_text(new),
        )
        for stage, old, new in pairs
        if old != new
    ]
