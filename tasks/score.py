"""Score: reads current answers, decides points and gaps, keeps those that changed."""

from __future__ import annotations

from kla.io.desk_words import items, say
from kla.night import Trouble
from kla.wording import points_text
from tasks import artifacts
from tasks.batch import Group
from tasks.effect import effect
from tasks.plan import Plan
from tasks.policy import one_by_one


class Scored:
    """The cycles of each district that are scored, and what went wrong. A plain class like `Batch`.

    The pages of those `redated` only have to name another day (`tasks.rest`).
    """

    def __init__(
        self, cycles: dict[str, tuple[int, ...]], troubles: list[Trouble], redated: frozenset[str] = frozenset()
    ) -> None:
        self.cycles = cycles
        self.troubles = troubles
        self.redated = redated

    def add(self, other: Scored) -> None:
        """Take another's districts and troubles in."""
        self.cycles |= other.cycles
        self.troubles += other.troubles


@effect("nilai", "nilai {group.label}")
def score(group: Group, plan: Plan, run_id: str) -> Scored:
    """Score every cycle of some districts anew; what has not changed keeps the run that last changed it."""
    from kla.io.instruments import load_instrument

    rows: list[tuple[str, ...]] = []

    def work(code: str) -> tuple[int, ...]:
        district = plan.districts[code]
        cycles = tuple(sorted({*plan.warehouse.cycles(code), district.cycle}))
        for cycle in cycles:
            stages, _ = plan.warehouse.rescore(district, load_instrument(cycle), cycle, run_id)
            rows.extend(
                (
                    f"{code} {district.name}",
                    str(cycle),
                    say(f"stage.{it.sheet.stage}"),
                    points_text(it.sheet.total.points),
                    it.sheet.predikat or say("night.none"),
                )
                for it in stages
            )
        return cycles

    done, troubles = one_by_one("score", group.codes, work)
    artifacts.keep(
        artifacts.key("nilai", group.label),
        artifacts.table(items("artifact.score_header"), rows),
        say("artifact.score"),
    )
    return Scored(done, troubles)
