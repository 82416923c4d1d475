"""What ails inbox, archive, warehouse, pages and Prefect's home: each ailment with its place, its sentence and what to do.

Nothing is changed. Sentences stand in reports/doctor.id.yaml, by code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import cast

from kla.errors import KlaError
from kla.io.word_file import WordFile

_FILE = WordFile("doctor.id.yaml")


class Area(StrEnum):
    """Where an ailment is."""

    INBOX = "inbox"
    ARCHIVE = "archive"
    WAREHOUSE = "warehouse"
    PAGES = "pages"
    PREFECT = "prefect"


class Level(StrEnum):
    """ERROR: a promise is broken. WARNING: it may be soon, or a file waits. INFO: good to know."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Ailment:
    """One thing that is not as it should be. `code` names its sentence; `subject` is a path, a run or a name."""

    area: Area
    code: str
    level: Level
    subject: str
    tell: str
    fix: str


@dataclass(frozen=True, slots=True)
class Health:
    """What was looked at (how many of each) and what was found, the worst first."""

    looked_at: dict[str, int]
    ailments: tuple[Ailment, ...]

    @property
    def is_well(self) -> bool:
        """Whether nothing needs doing."""
        return all(it.level is Level.INFO for it in self.ailments)

    def facts(self) -> dict[str, object]:
        """Return it as JSON holds it."""
        return {
            "is_well": self.is_well,
            "looked_at": dict(self.looked_at),
            "ailments": [asdict(it) for it in self.ailments],
        }


class Chart:
    """What the examinations write into."""

    def __init__(self) -> None:
        self.found: list[Ailment] = []
        self.looked_at: Counter[str] = Counter()

    def saw(self, what: str, count: int = 1) -> None:
        """Count what was looked at."""
        self.looked_at[what] += count

    def note(self, area: Area, code: str, subject: object = "", **fields: object) -> None:
        """Note an ailment; its sentence, remedy and level are those of its code."""
        said = _words(f"{area}.{code}")
        filled = {"subject": subject, **fields}
        tell, fix = said["tell"].format(**filled), said["fix"].format(**filled)
        self.found.append(Ailment(area, code, Level(said["level"]), str(subject), tell, fix))


Examination = Callable[[Chart], None]
_WORST = {Level.ERROR: 0, Level.WARNING: 1, Level.INFO: 2}
_MOST_ALIKE = 20  # of one code; how many more there are is said


def examined(examinations: Iterable[tuple[Area, Examination]]) -> Health:
    """Do the examinations; one that cannot be done is an ailment of its own and stops no other."""
    chart = Chart()
    for area, examine in examinations:
        try:
            examine(chart)
        except (KlaError, OSError, ValueError) as error:
            chart.note(area, "cannot_look", what=str(error).splitlines()[0] if str(error) else type(error).__name__)
    order = list(Area)
    found = sorted(chart.found, key=lambda it: (_WORST[it.level], order.index(it.area), it.code, it.subject))
    return Health(dict(chart.looked_at), tuple(_not_too_many(found)))


def _not_too_many(found: Iterable[Ailment]) -> Iterator[Ailment]:
    counts: Counter[tuple[Area, str]] = Counter()
    first: dict[tuple[Area, str], Ailment] = {}
    for it in found:
        key = it.area, it.code
        counts[key] += 1
        first.setdefault(key, it)
        if counts[key] <= _MOST_ALIKE:
            yield it
    for key, count in counts.items():
        if count > _MOST_ALIKE:
            said = _words("more")
            tell = said["tell"].format(count=count - _MOST_ALIKE, code=key[1])
            yield Ailment(key[0], key[1], first[key].level, "", tell, first[key].fix)


def _words(key: str) -> dict[str, str]:
    return cast(dict[str, str], _FILE.entry(key))


def area_name(area: Area) -> str:
    """Return what people call an area."""
    return str(_words("areas")[area.value])


def word(name: str) -> str:
    """Return a sentence of the report itself."""
    return str(_words("report")[name])
