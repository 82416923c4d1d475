"""The warehouse as its users see it: one object, one method per wish. Each method is a transaction of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import text

from kla.district import District
from kla.findings import CheckedFile, Finding, PreviousAnswers, StandingRow
from kla.instrument import Instrument
from kla.io import project
from kla.io.warehouse import (
    deltas,
    findings,
    freshness,
    lease,
    loading,
    picture,
    runs,
    schema,
    scores,
    standing,
    stated,
    status,
    trace,
    unsettled,
)
from kla.io.warehouse.engine import connect
from kla.io.warehouse.lasting import FIRST_WAITS, again, all_lasting
from kla.io.warehouse.lease import Held
from kla.io.warehouse.loading import Loaded
from kla.io.warehouse.runs import RunLine
from kla.io.warehouse.scores import StageScore, Versions
from kla.io.warehouse.standing import Place
from kla.io.warehouse.status import Status
from kla.io.warehouse.stewarding import Stewarding
from kla.io.warehouse.trace import TraceStage
from kla.picture import Picture
from kla.scoring import Cause, ScoreSheet, Standing, StatedPoints

CHECKED_TOGETHER = 2


def open_warehouse(url: str | None = None) -> Warehouse:
    """Return the warehouse at `url` (by default KLA_WAREHOUSE_URL, else var/warehouse.db), migrated when needed.

    Raises:
        SettingsError: the URL is not one of SQLite or PostgreSQL.
        WarehouseError: it was made by a newer version of this project.
    """
    engine = connect(url or project.warehouse_url())
    try:
        again(lambda: schema.ensure(engine), FIRST_WAITS)
    except BaseException:
        engine.dispose()
        raise
    return Warehouse(engine)


@all_lasting("begin_run", "load", "load_many", "alone")
class Warehouse(Stewarding):
    """What arrived, what counts, what it is worth. Open it with `open_warehouse`; close it or use it in `with`."""

    # Runs

    def begin_run(
        self,
        *,
        kind: str,
        as_of: str,
        who: str = "",
        reason: str = "",
        parameters: Mapping[str, object] | None = None,
        code_version: str,
        suite_version: str,
        districts: Sequence[str] | None = None,
    ) -> str:
        """Write a running run into the ledger and return its id; it leases those of `districts` that nobody else holds.

        Raises:
            BusyError: others hold them all; nothing is written.
        """
        run_id = runs.new_id()

        def begin() -> None:
            with self.writing() as connection:
                runs.begin(
                    connection,
                    run_id=run_id,
                    districts=districts,
                    kind=kind,
                    who=who,
                    reason=reason,
                    as_of=as_of,
                    parameters=parameters or {},
                    code_version=code_version,
                    suite_version=suite_version,
                )

        again(begin)
        return run_id

    def finish_run(self, run_id: str, status: str, message: str = "") -> None:
        """Write how a run ended: complete, partial or failed (WarehouseError for anything else)."""
        with self.writing() as connection:
            runs.finish(connection, run_id, status, message)

    def held_by_others(self, districts: Sequence[str], run_id: str = "") -> Mapping[str, Held]:
        """Return which of the districts another living run holds, and who; the dead are not counted."""
        with self.reading() as connection:
            return lease.living(connection, run_id, districts)

    def leased(self, run_id: str) -> frozenset[str]:
        """Return the districts a run holds."""
        with self.reading() as connection:
            return lease.codes_of(connection, run_id)

    def beat(self, run_id: str) -> None:
        """Renew a run's leases."""
        with self.writing() as connection:
            lease.beat(connection, run_id)

    def guard(self, run_id: str, district_code: str) -> None:
        """Make sure that a run may still write about a district; LeaseLostError when another took over."""
        with self.reading() as connection:
            lease.fence(connection, run_id, district_code)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other run from doing what is inside, as long as it lasts."""
        with self.writing() as connection:
            lease.alone(connection, lease.SHARED_PAGES)
            yield

    def run(self, run_id: str) -> RunLine:
        """Return one run of the ledger; WarehouseError when there is none."""
        with self.reading() as connection:
            return runs.line(connection, run_id)

    # Receive and load

    def is_known(self, district_code: str, folder: str, sha256: str) -> bool:
        """Whether these bytes were already judged in this folder of this district (`kla.io.intake.folder_of`)."""
        with self.reading() as connection:
            return loading.is_known(connection, district_code, folder, sha256)

    def known(self, district_code: str) -> frozenset[tuple[str, str]]:
        """Return (folder, sha256) of everything ever judged in a district: one question instead of one per file."""
        sql = text("SELECT folder, sha256 FROM receipt WHERE district_code = :district_code")
        with self.reading() as connection:
            return frozenset((row[0], row[1]) for row in connection.execute(sql, {"district_code": district_code}))

    def load(self, checked: CheckedFile, run_id: str, cycles: Mapping[str, int] | None = None) -> Loaded:
        """Store one checked file in one transaction; see `load_many`."""
        return self.load_many((checked,), run_id, cycles)

    def load_many(self, files: Iterable[CheckedFile], run_id: str, cycles: Mapping[str, int] | None = None) -> Loaded:
        """Store checked files, a district's together; the same bytes in the same folder again change nothing.

        `cycles` maps district code to its current cycle, for files that do not say theirs. A file that cannot be
        stored is in `failed` with the reason, and stops no other.
        """
        return loading.load_many(self._engine, files, run_id, cycles or {})

    # What counts now

    def standing_rows(
        self, district: District, instrument: Instrument, cycle: int, stage: str
    ) -> tuple[StandingRow, ...]:
        """Return every office's current answer at a stage, by question and office."""
        with self.reading() as connection:
            return standing.standing_rows(connection, Place(district.code, cycle, stage), district, instrument)

    def previous_answers(self, district: District, instrument: Instrument) -> PreviousAnswers:
        """Return what a district's offices answered in an earlier cycle, that of `instrument`: this cycle's history."""
        with self.reading() as connection:
            return standing.previous_answers(connection, district, instrument)

    def standings(self, district: District, instrument: Instrument, cycle: int, stage: str) -> Mapping[str, Standing]:
        """Return what scoring needs to know of every question at a form stage."""
        with self.reading() as connection:
            return standing.standings(connection, Place(district.code, cycle, stage), district, instrument)

    def stated_points(
        self, district_code: str, cycle: int, stage: str
    ) -> tuple[Mapping[str, StatedPoints], Mapping[str, Cause]]:
        """Return (points that count, why the others do not) per question, as a stage's recaps state them."""
        with self.reading() as connection:
            return stated.points(connection, Place(district_code, cycle, stage))

    def stages(self, district_code: str, instrument: Instrument, cycle: int) -> tuple[str, ...]:
        """Return the stages with something to score, in the instrument's order."""
        with self.reading() as connection:
            return tuple(standing.stage_layouts(connection, district_code, cycle, instrument))

    def touched(self, run_id: str) -> frozenset[tuple[str, int]]:
        """Return the (district, cycle) to which a run brought a new file."""
        sql = text("SELECT DISTINCT district_code, cycle FROM submission WHERE run_id = :run_id")
        with self.reading() as connection:
            return frozenset((row[0], row[1]) for row in connection.execute(sql, {"run_id": run_id}))

    def unsettled(self, codes: Sequence[str]) -> frozenset[tuple[str, int]]:
        """Return the (district, cycle) whose answers are to be compared across offices: this run's, or a killed one's."""
        with self.reading() as connection:
            return unsettled.of_districts(connection, frozenset(codes))

    def settled(self, district_code: str, cycle: int, run_id: str) -> None:
        """Write down that the answers of a district and cycle were compared."""
        with self.writing() as connection:
            lease.fence(connection, run_id, district_code)
            unsettled.remove(connection, district_code, cycle)

    def cycles(self, district_code: str) -> tuple[int, ...]:
        """Return the cycles in which a district handed something in."""
        sql = text("SELECT DISTINCT cycle FROM submission WHERE district_code = :district_code ORDER BY cycle")
        with self.reading() as connection:
            return tuple(row[0] for row in connection.execute(sql, {"district_code": district_code}))

    def replace_standing_findings(
        self, district_code: str, cycle: int, stage: str, found: Sequence[Finding], run_id: str
    ) -> int:
        """Keep exactly these findings across offices for a stage; return how many rows changed.

        This is the last word of a run on a stage's findings, so what came and went is written here too.
        """
        place = Place(district_code, cycle, stage)
        with self.writing() as connection:
            lease.fence(connection, run_id, district_code)
            changed = findings.replace_standing(connection, place, found, run_id)
            deltas.record(connection, place, run_id)
            return changed

    def findings(self, district_code: str, cycle: int) -> tuple[Finding, ...]:
        """Return what the offices of a district have to read now: blocking first, then by points at stake."""
        with self.reading() as connection:
            return findings.current(connection, district_code, cycle)

    # Scores

    def compute(self, district: District, instrument: Instrument, cycle: int) -> tuple[StageScore, ...]:
        """Return the sheets and gaps of every stage from what counts now; nothing is written (a dry run)."""
        with self.reading() as connection:
            return scores.compute(connection, district, instrument, cycle)

    def rescore(
        self, district: District, instrument: Instrument, cycle: int, run_id: str
    ) -> tuple[tuple[StageScore, ...], int]:
        """Compute and keep every stage of a district and cycle; return the stages and how many rows changed.

        Rows that do not differ keep the run that last changed them. Code and suite version are the run's.
        """
        # Before the transaction that writes: one writes at a time, and deciding points takes longer than keeping them.
        with self.reading() as connection:
            mark = freshness.mark_of(connection, district.code)
            found = scores.compute(connection, district, instrument, cycle)
        with self.writing() as connection:
            lease.fence(connection, run_id, district.code)
            if freshness.mark_of(connection, district.code) != mark:  # something was made known meanwhile
                found = scores.compute(connection, district, instrument, cycle)
            ledger = runs.line(connection, run_id)
            made_with = Versions(instrument.version, ledger.code_version, ledger.suite_version)
            return found, scores.save(connection, district.code, cycle, found, made_with, run_id)

    def save_scores(
        self, district_code: str, cycle: int, stages: Sequence[StageScore], versions: Versions, run_id: str
    ) -> int:
        """Keep exactly these scores and gaps of a district and cycle; return how many rows changed."""
        with self.writing() as connection:
            lease.fence(connection, run_id, district_code)
            return scores.save(connection, district_code, cycle, stages, versions, run_id)

    def is_current(self, district_code: str, cycle: int, versions: Versions) -> bool:
        """Whether the stored scores were made with these versions, so that nothing new means nothing to do."""
        with self.reading() as connection:
            sql = text(
                "SELECT DISTINCT instrument_version, code_version, suite_version FROM score "
                "WHERE district_code = :district_code AND cycle = :cycle"
            )
            found = connection.execute(sql, {"district_code": district_code, "cycle": cycle}).all()
        return [tuple(row) for row in found] == [(versions.instrument, versions.code, versions.suite)]

    def sheets(self, district_code: str, instrument: Instrument, cycle: int) -> tuple[ScoreSheet, ...]:
        """Return the stored score sheets in the order of the stages; () before anything was scored."""
        with self.reading() as connection:
            return scores.read(connection, district_code, cycle, instrument.stages)

    # What people see

    def picture(self, district: District, instrument: Instrument, cycle: int, as_of: date) -> Picture:
        """Return everything the pages of a district and cycle show; WarehouseError before anything was scored."""
        with self.reading() as connection:
            return picture.build(connection, district, instrument, cycle, as_of)

    def day_part(self, district: District, instrument: Instrument, cycle: int, as_of: date) -> Picture:
        """Return of a picture what the passing of a day changes; WarehouseError before anything was scored."""
        with self.reading() as connection:
            return picture.day_part(connection, district, instrument, cycle, as_of)

    def status(self, district: District, instrument: Instrument, cycle: int, as_of: date) -> Status:
        """Return where a district stands in a cycle on a day."""
        with self.reading() as connection:
            return status.of_district(connection, district, instrument, cycle, as_of)

    def trace(self, district: District, instrument: Instrument, cycle: int, question_id: str) -> tuple[TraceStage, ...]:
        """Return file, sheet, cell, value, findings, points and runs behind a question's points, per stage."""
        with self.reading() as connection:
            return trace.of_question(connection, district, instrument, cycle, question_id)

    def failed_checks(self) -> tuple[tuple[str, tuple[dict[str, Any], ...]], ...]:
        """Return (check, up to 20 rows) for each check of sql/checks that selects something; () when all is well.

        Two are asked at a time: each looks through all there is, and the database answers while Python waits.
        """

        def failed(check: Path) -> tuple[str, tuple[dict[str, Any], ...]]:
            with self.reading() as connection:
                return check.stem, schema.failed_rows(connection, check)

        with ThreadPoolExecutor(CHECKED_TOGETHER) as pool:
            return tuple(one for one in pool.map(failed, schema.checks()) if one[1])
