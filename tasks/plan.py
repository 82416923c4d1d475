"""Who takes part in a run, and the moment at which each is looked at. Time enters here, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kla.decisions import Decision, DecisionKind, aliases, in_force
from kla.district import District
from kla.errors import KlaError, SettingsError
from kla.io import project, settings
from kla.io.districts import district_codes, load_district
from kla.night import Trouble

if TYPE_CHECKING:
    from kla.io.warehouse import Warehouse

AsOf = datetime | date | str | Mapping[str, datetime | date | str] | None


@dataclass(frozen=True)
class Places:
    """Where a run reads and writes. A rehearsal has places of its own, so that it cannot touch the real ones."""

    warehouse_url: str = field(repr=False)  # it may hold a password
    inbox: Path
    archive: Path
    public: Path

    @classmethod
    def real(cls) -> Places:
        """Return the places of kla.io.project."""
        return cls(project.warehouse_url(), project.inbox(), project.archive(), project.public())


class Plan:
    """The districts of a run with their moments and the places; `troubles` are districts whose folder is broken.

    A plain class on purpose: Prefect walks through dataclasses and collections that are handed to a task.
    """

    def __init__(
        self,
        districts: Mapping[str, District],
        moments: Mapping[str, datetime],
        troubles: Sequence[Trouble] = (),
        places: Places | None = None,
    ) -> None:
        self.districts = districts
        self.moments = moments
        self.troubles = tuple(troubles)
        self.places = places or Places.real()
        self.is_rehearsal = False
        self.is_part = False  # served in a child process, which Prefect does not see
        self.run_id = ""  # the run that holds the districts; "" for a rehearsal, which holds none
        self.notices: tuple[str, ...] = ()  # what a steward must know before the figures
        self.workers = settings.current().workers  # processes it may use for what foreign files or many pages need
        self.news: Mapping[str, int] = {}  # files of each district to look into, once they were counted (tasks.parts)
        self.only_folder = ""  # of each district's inbox; "": all of it
        self.seen_in: Warehouse | None = None  # which knows data dukung as it was seen; None: the run's own
        self.real_archive = self.places.archive  # originals to read again, never written

    @cached_property
    def warehouse(self) -> Warehouse:
        """The warehouse, opened (and migrated) on first use."""
        from kla.io.warehouse import open_warehouse

        return open_warehouse(self.places.warehouse_url)

    @cached_property
    def reader(self) -> Warehouse:
        """The warehouse as pages see it: by KLA_READER_URL where that is set; a rehearsal's own otherwise."""
        from kla.io.warehouse import open_reader

        is_own = self.is_rehearsal or settings.current().reader_url is None
        return self.warehouse if is_own else open_reader()

    def close(self) -> None:
        """Let go of the warehouse."""
        for name in {"warehouse", "reader"} & self.__dict__.keys():
            self.__dict__[name].close()

    def __getstate__(self) -> dict[str, object]:
        """Leave the open warehouse and what was read from it behind: another process opens its own."""
        return {
            name: value for name, value in self.__dict__.items() if name not in ("warehouse", "reader", "decisions")
        }

    def only(self, codes: Sequence[str]) -> Plan:
        """Return the plan for some of its districts; it opens the warehouse anew."""
        part = copy(self)
        part.districts = {code: self.districts[code] for code in codes}
        part.moments = {code: self.moments[code] for code in codes}
        part.troubles = ()
        part.workers, part.is_part = 1, True  # others work beside it
        return part

    def rehearsed_at(self, places: Places) -> Plan:
        """Return the same plan in other places, without publishing."""
        plan = Plan(self.districts, self.moments, self.troubles, places)
        plan.is_rehearsal = True
        plan.only_folder = self.only_folder
        plan.real_archive = self.places.archive
        return plan

    def day(self, code: str) -> date:
        """Return the local day on which a district is looked at."""
        return self.moments[code].date()

    @cached_property
    def decisions(self) -> Mapping[str, tuple[Decision, ...]]:
        """All that stewards decided, by district code; read once, so that a whole run sees the same."""
        return self.warehouse.all_decisions(self.districts)

    def names(self, code: str) -> Mapping[str, Mapping[str, str]]:
        """Return what stewards said texts mean in a district: kind -> text -> meaning."""
        return aliases(self.decisions[code], self.day(code))

    @property
    def rejected_repairs(self) -> frozenset[tuple[str, str, str]]:
        """The cells (sha256, sheet, cell) of which stewards rejected what the reader made of them."""
        return frozenset(
            (one.sha256, one.sheet, one.cell)
            for code, taken in self.decisions.items()
            for one in in_force(taken, self.day(code))
            if one.kind is DecisionKind.REJECTED_REPAIR and one.sha256
        )

    @property
    def cycles(self) -> dict[str, int]:
        """The current cycle of every district."""
        return {code: district.cycle for code, district in self.districts.items()}

    @property
    def days(self) -> dict[str, date]:
        """The local day of every district."""
        return {code: self.day(code) for code in self.districts}


def moment_of(as_of: datetime | date | str | None, zone: ZoneInfo) -> datetime:
    """Return the moment meant, in the district's zone: a date means its last second, nothing means now.

    Raises:
        SettingsError: text that is neither a date nor a moment (ISO 8601).
    """
    if as_of is None:
        return datetime.now(zone).replace(microsecond=0)
    if isinstance(as_of, str):
        try:
            as_of = date.fromisoformat(as_of) if len(as_of) == 10 else datetime.fromisoformat(as_of)
        except ValueError:
            raise SettingsError(
                "as_of", f"{as_of!r} is not a date", "Write 2025-05-20 or 2025-05-20T18:00+08:00."
            ) from None
    if not isinstance(as_of, datetime):
        return datetime.combine(as_of, time(23, 59, 59), zone)
    return as_of.replace(tzinfo=zone) if as_of.tzinfo is None else as_of.astimezone(zone)


def make_plan(codes: Sequence[str] | None, as_of: AsOf, zone: str | None) -> Plan:
    """Return who takes part: the named districts, or all that have a folder; with `zone` only those that live in it.

    Raises:
        SettingsError: a named district has no folder, or `as_of` is no date. One bad folder is only a trouble.
    """
    known = district_codes()
    unknown = sorted(set(codes or ()) - set(known))
    if unknown:
        raise SettingsError("districts", f"no folder for {', '.join(unknown)}", "Make it with `kla init <code>`.")
    districts: dict[str, District] = {}
    moments: dict[str, datetime] = {}
    troubles: list[Trouble] = []
    for code in dict.fromkeys(known if codes is None else codes):
        try:
            district = load_district(code)
        except KlaError as error:
            troubles.append(Trouble("receive", code, "", str(error)))
            continue
        if zone is None or district.zone.key == zone:
            districts[code] = district
            moments[code] = moment_of(as_of.get(code) if isinstance(as_of, Mapping) else as_of, district.zone)
    return Plan(districts, moments, troubles)
