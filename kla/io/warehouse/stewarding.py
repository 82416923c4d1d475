"""The warehouse as stewards use it: decisions, names that wait for one, states, attempts, what changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import date
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine

from kla.decisions import Decision
from kla.delta import FindingChange
from kla.district import District
from kla.instrument import Instrument
from kla.io.warehouse import attempts, decisions, deltas, filed, runs, states
from kla.io.warehouse.lasting import all_lasting
from kla.io.warehouse.offices import ownership_of
from kla.io.warehouse.standing import Place, owners
from kla.picture import Attempt, OfficeDelta, PendingAlias, RepairLine
from kla.states import QuestionState
from kla.submission import NearMatch


class Connected:
    """An open database. Each method of what builds on it is a transaction of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    def reading(self) -> AbstractContextManager[Connection]:
        """Return a connection in a transaction that reads: everything in it is of one moment on SQLite."""
        return self._engine.begin()

    def writing(self) -> AbstractContextManager[Connection]:
        """Return a connection in a transaction that writes; on SQLite it takes the write lock at once."""
        return self._engine.execution_options(writes=True).begin()


@all_lasting()
class Stewarding(Connected):
    """What stewards decide and look at."""

    def add_decision(self, decision: Decision) -> str:
        """Keep a decision for good and return its id; the same one twice is one.

        Raises:
            WarehouseError: a withdrawal names a decision that is not there.
        """
        with self.writing() as connection:
            return decisions.add(connection, decision)

    def decisions(
        self, district: District, cycle: int | None = None, as_of: date | None = None
    ) -> tuple[Decision, ...]:
        """Return a district's decisions, oldest first, in its zone; with `as_of` only those in force on that day."""
        with self.reading() as connection:
            return decisions.read(connection, district, cycle, as_of)

    def all_decisions(self, districts: Mapping[str, District]) -> Mapping[str, tuple[Decision, ...]]:
        """Return the decisions of several districts by code, each oldest first and in its zone, asked once for all."""
        with self.reading() as connection:
            return decisions.read_all(connection, districts)

    def learned_aliases(self, district: District, as_of: date | None = None) -> Mapping[str, Mapping[str, str]]:
        """Return what stewards said texts mean: kind (NearMatch.kind) -> text -> meaning ("": nothing we know)."""
        with self.reading() as connection:
            return decisions.learned(connection, district, as_of)

    def queue_aliases(
        self, district_code: str, near: Iterable[NearMatch], sha256: str, file_name: str, run_id: str
    ) -> int:
        """Queue names that are new to the district; return how many. Loading a file does this for its own."""
        with self.writing() as connection:
            return decisions.queue(connection, district_code, near, sha256, file_name, run_id)

    def pending_aliases(self, district: District, as_of: date | None = None) -> tuple[PendingAlias, ...]:
        """Return the queued names no decision speaks of yet, the nearest first."""
        with self.reading() as connection:
            return decisions.pending(connection, district, decisions.learned(connection, district, as_of))

    def states(
        self, district: District, instrument: Instrument, cycle: int, stage: str, as_of: date | None = None
    ) -> tuple[QuestionState, ...]:
        """Return where each (office, question) stands at a form stage, by office and in the order of the card.

        With `as_of` as it is known on that day (locked once the stage has closed); without, nothing is locked.
        """
        with self.reading() as connection:
            forms = states.forms_at(connection, Place(district.code, cycle, stage))
            ownership = ownership_of(instrument, owners(district, instrument))
            taken = decisions.read(connection, district, cycle, as_of or date.max)
            return states.of_forms(forms, district, ownership, taken, as_of)

    def recap_states(
        self, district: District, cycle: int, stage: str, as_of: date | None = None
    ) -> tuple[QuestionState, ...]:
        """Return where each question stands that the recaps of a stage state points for, by question; never locked."""
        with self.reading() as connection:
            taken = decisions.read(connection, district, cycle, as_of or date.max)
            return states.of_recaps(connection, Place(district.code, cycle, stage), district, taken)

    def attempts(self, district: District, cycle: int, stage: str, opd_code: str | None = None) -> tuple[Attempt, ...]:
        """Return every version of the offices' forms (or of one office's) with each cell that changed since the one before."""
        with self.reading() as connection:
            told = attempts.told(connection, district, cycle)
            return attempts.of_forms(connection, told, stage, opd_code)

    def repairs(self, district_code: str, cycle: int, stage: str) -> tuple[RepairLine, ...]:
        """Return the cells of the offices' forms in force that were read as something other than written."""
        with self.reading() as connection:
            files = filed.read(connection, district_code, cycle)
            return attempts.repairs(files, attempts.mended(connection, district_code, cycle), stage)

    def office_deltas(self, district: District, cycle: int) -> tuple[OfficeDelta, ...]:
        """Return how many findings came and went for each office in its last ten runs that changed something."""
        with self.reading() as connection:
            return deltas.of_offices(connection, district, cycle)

    def delta(
        self, district_code: str, cycle: int, stage: str, run_id: str | None = None
    ) -> Mapping[str, tuple[FindingChange, ...]]:
        """Return each office's changes in a run; without one, in the last run that changed something for the office."""
        with self.reading() as connection:
            return deltas.of_run(connection, Place(district_code, cycle, stage), run_id)

    def last_suite_version(self) -> str:
        """Return the rule set of the latest run that ended well or in part; "" before the first."""
        with self.reading() as connection:
            return runs.last_suite_version(connection)
