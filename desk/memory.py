"""What a look at files knows beside them: what stewards taught and decided, and what was answered before. Only read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kla.decisions import Decision
    from kla.district import District
    from kla.findings import PreviousAnswers
    from tasks.plan import Plan

Names = Mapping[str, Mapping[str, str]]


class Memory:
    """A warehouse where one is there; else nothing is known, and none is made."""

    def __init__(self, plan: Plan) -> None:
        from kla.io.warehouse.schema import is_there

        self._plan = plan
        self._is_there = is_there(plan.places.warehouse_url)

    def names(self, code: str) -> Names:
        """Return what stewards said texts mean in a district: kind -> text -> meaning."""
        return self._plan.names(code) if self._is_there and code in self._plan.districts else {}

    def rejected_repairs(self) -> frozenset[tuple[str, str, str]]:
        """Return the cells (sha256, sheet, cell) of which stewards rejected what the reader made of them."""
        return self._plan.rejected_repairs if self._is_there else frozenset()

    def decisions(self) -> Mapping[str, Sequence[Decision]]:
        """Return all that stewards decided, by district code."""
        return self._plan.decisions if self._is_there else {}

    def history(self, districts: Sequence[District], cycle: int) -> PreviousAnswers:
        """Return what offices answered the cycle before."""
        from kla.io.judging import history

        return history(self._plan.warehouse, districts, cycle) if self._is_there else {}

    def close(self) -> None:
        """Let go of the warehouse."""
        self._plan.close()
