"""What came of serving some districts: handed from process to process, and added up to a night."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kla.findings import Outcome
from kla.night import DistrictLine, OfficeChange, Trouble


class Served:
    """A line per district that was published, what went wrong, and how findings changed. A plain class like `Batch`."""

    def __init__(
        self,
        lines: Mapping[str, DistrictLine] | None = None,
        troubles: Sequence[Trouble] = (),
        deltas: Sequence[OfficeChange] = (),
    ) -> None:
        self.lines = dict(lines or {})
        self.troubles = list(troubles)
        self.deltas = list(deltas)

    def add(self, other: Served) -> None:
        """Take what came of other districts in."""
        self.lines |= other.lines
        self.troubles += other.troubles
        self.deltas += other.deltas

    def counted(self, counts: Mapping[str, Counter[Outcome]]) -> Served:
        """Return the same, the lines with the files that came; `counts` is by district."""
        lines = {code: _with_counts(line, counts.get(code, Counter())) for code, line in self.lines.items()}
        return Served(lines, self.troubles, self.deltas)


def _with_counts(line: DistrictLine, counts: Counter[Outcome]) -> DistrictLine:
    return replace(
        line,
        received=counts.total(),
        loaded=counts[Outcome.ACCEPTED] + counts[Outcome.RETURNED],
        returned=counts[Outcome.RETURNED],
        refused=counts[Outcome.REFUSED],
    )


def by_news(deltas: Iterable[OfficeChange]) -> list[OfficeChange]:
    """Return them with what came back and what is new first."""
    return sorted(deltas, key=lambda it: (-it.returned, -it.new, -it.fixed, it.district_code, it.cycle, it.opd_code))
