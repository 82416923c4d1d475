"""`kla check`: reads and judges files wherever they lie; nothing is stored."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from desk.frame import FAILED, USAGE, err, known_district, out, stop
from desk.steward import day_of
from kla.io.archive import MOST_BYTES
from kla.io.desk_words import say

if TYPE_CHECKING:
    from desk.memory import Memory
    from kla.district import District
    from kla.findings import CheckedFile, Finding
    from kla.submission import Reading, Receipt
    from tasks.plan import Plan

NOT_SUBMISSIONS = ("_kedatangan.csv",)
NOBODY = ""
# A look at a file is no hand-in: it is never late.
UNTIMED = datetime(2000, 1, 1, tzinfo=UTC)


def check(
    files: Annotated[list[Path], typer.Argument(metavar="BERKAS", help=say("option.files"), show_default=False)],
    district: Annotated[
        str | None, typer.Option("--district", metavar="KABKOTA", help=say("option.check_district"), show_default=False)
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="HARI", help=say("option.check_day"), show_default=False)
    ] = None,
    is_json: Annotated[bool, typer.Option("--json", help=say("option.json"))] = False,
) -> None:
    """Judge every file; exit 0 when each could be judged, whatever the judgement."""
    if district:
        known_district(district)
    for path in files:
        if not path.exists():
            stop(say("check.missing", file=path), USAGE)
        if not (path.is_dir() or path.is_file()):  # a pipe or a device: whoever reads it may wait for ever
            stop(say("check.no_file", file=path), USAGE)
    checked = judged(files, district, day_of(as_of, "--as-of"))
    if not checked:
        stop(say("check.nothing"), USAGE)
    for path, file in checked:
        _tell(path, file, is_json=is_json)
    if not is_json:
        counts = Counter(file.outcome.value for _, file in checked if file is not None)
        out(
            say("check.sum", files=len(checked), **{name: counts[name] for name in ("accepted", "returned", "refused")})
        )
    raise typer.Exit(FAILED if any(file is None for _, file in checked) else 0)


def judged(
    files: Sequence[Path], district: str | None, as_of: date | None = None
) -> list[tuple[Path, CheckedFile | None]]:
    """Return every file named or lying below, in a stable order, with its verdict; None where there can be none.

    That is: the file may not be read (nor a folder be listed), or our own code failed on it.
    """
    places = list(dict.fromkeys(place for path in files for place in _files_under(path)))
    opening = [place for place in places if _opens(place[0])]
    verdicts = dict(zip(opening, _judge(opening, district, as_of), strict=True)) if opening else {}
    return [(place[0], verdicts.get(place)) for place in places]


def _opens(path: Path) -> bool:
    try:
        path.open("rb").close()
    except OSError:
        return False
    return True


def _files_under(path: Path) -> Iterator[tuple[Path, Path]]:
    """Yield (file, folder it was named under) in a stable order; lock files and hidden ones are nobody's submission.

    A folder that may not be listed stands for the files nobody can see.
    """
    if not path.is_dir():
        yield path, path.parent
        return
    closed: list[Path] = []
    walk = os.walk(path, onerror=lambda error: closed.append(Path(error.filename)))
    found = [Path(folder) / name for folder, _, names in walk for name in names]
    for file in sorted([*found, *closed]):
        is_meant = not file.name.startswith((".", "~$")) and file.name not in NOT_SUBMISSIONS
        if file in closed or (is_meant and file.is_file()):
            yield file, path


def _judge(places: Sequence[tuple[Path, Path]], district: str | None, as_of: date | None) -> list[CheckedFile | None]:
    """Return each file's verdict, None where our own code failed on it."""
    from desk.memory import Memory
    from kla.io.attachments import with_attachments
    from kla.io.reading import read_files
    from tasks.plan import make_plan

    # The log of a library is not for an office's eyes.
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    plan = make_plan([district] if district else None, as_of, None)
    memory = Memory(plan)
    try:
        receipts = [_receipt(file, root, district, plan, memory) for file, root in places]
        learned = {code: names for code in {it.district_code for it in receipts} if (names := memory.names(code))}
        readings = read_files(receipts, rejected=memory.rejected_repairs(), learned=learned)
        readings = with_attachments(receipts, readings, lambda it: Path(it.path).parent)
        districts = {**plan.districts, NOBODY: _nobody()}
        pairs = [_settled(it, reading, districts) for it, reading in zip(receipts, readings, strict=True)]
        # The same file lying in two places is judged once.
        once = {_same(receipt): (receipt, reading) for receipt, reading in pairs}
        verdicts = {_same(file.receipt): file for file in _verdicts(list(once.values()), districts, plan, memory)}
    finally:
        memory.close()
    return [verdicts.get(_same(receipt)) for receipt, _ in pairs]


def _verdicts(
    pairs: Sequence[tuple[Receipt, Reading]], districts: Mapping[str, District], plan: Plan, memory: Memory
) -> Iterator[CheckedFile]:
    """Yield the verdict of each file that could be judged, under the decisions and the history of its district."""
    from kla.io.judging import by_cycle, judge

    days = {**plan.days, NOBODY: max(plan.days.values(), default=datetime.now(UTC).date())}
    current = {code: district.cycle for code, district in districts.items()}
    named = [districts[code] for code in sorted({receipt.district_code for receipt, _ in pairs})]
    for cycle, part in by_cycle(pairs, current).items():
        checked, _ = judge(part, districts, days, memory.history(named, cycle), memory.decisions())
        yield from checked


def _same(receipt: Receipt) -> tuple[str, ...]:
    return receipt.district_code, receipt.opd_code, receipt.folder_opd, receipt.stage, receipt.file_name, receipt.sha256


def _receipt(path: Path, root: Path, code: str | None, plan: Plan, memory: Memory) -> Receipt:
    """Return what the folder says of a file: in the inbox's structure or with a district named; else nothing yet."""
    from kla.io import project
    from kla.io.layout_words import load_limits
    from kla.submission import Layout, Receipt, identify

    parts: tuple[str, ...] = ()
    inbox = project.inbox().resolve()
    whole = path.resolve()
    if code is None and whole.is_relative_to(inbox):
        code, *rest = whole.relative_to(inbox).parts
        parts = tuple(rest)
    elif code is not None:
        parts = _parts_with_district(whole, root.resolve(), code)
    found = None
    if code in plan.districts and len(parts) > 1:
        names = memory.names(code).get("office", {})
        found = identify(parts, plan.districts[code], names, load_limits()["office"])
    sha256, size = _print_of(path)
    return Receipt(
        sha256=sha256,
        district_code=code or "",
        opd_code=found.opd_code if found else "",
        folder_opd=found.folder_opd if found else "",
        stage=found.stage if found else "",
        cycle=found.cycle if found else None,
        layout=found.layout if found else Layout.FORM,
        file_name=path.name,
        path=str(path),
        size_bytes=size,
        received_at=UNTIMED,
    )


def _print_of(path: Path) -> tuple[str, int]:
    """Return what tells a file from another one, and its size; more than may be read of any file is not read."""
    size = path.stat().st_size
    with path.open("rb") as source:
        digest = hashlib.sha256(source.read(MOST_BYTES))
    if size > MOST_BYTES:
        digest.update(str(size).encode())
    return digest.hexdigest(), size


def _parts_with_district(whole: Path, root: Path, code: str) -> tuple[str, ...]:
    """Return the path inside the district's own folder: below a folder named after it, else below what was named."""
    if code in whole.parts[:-1]:
        return whole.parts[whole.parts.index(code) + 1 :]
    return whole.relative_to(root).parts


def _settled(receipt: Receipt, reading: Reading, districts: Mapping[str, District]) -> tuple[Receipt, Reading]:
    """Return both with what only the file itself can say, where no folder says it: layout, district and office."""
    from kla.submission import Layout

    if receipt.folder_opd:
        return receipt, reading
    problems = tuple(problem for problem in reading.problems if problem.kind != "wrong_layout")
    reading = replace(reading, problems=problems)
    if reading.layout is not Layout.UNKNOWN:
        receipt = replace(receipt, layout=reading.layout)
    seal = reading.seal
    code = receipt.district_code or (seal.district_code if seal and seal.district_code in districts else NOBODY)
    opd = seal.opd_code if seal and districts[code].has_office(seal.opd_code) else ""
    return replace(receipt, district_code=code, opd_code=opd, folder_opd=opd), reading


def _nobody() -> District:
    """Return a district without offices or dates, for files that do not say whose they are."""
    from kla.district import District
    from kla.io.instruments import available_cycles

    return District(
        code=NOBODY,
        name="",
        province_code="",
        province_name="",
        zone=ZoneInfo("Asia/Jakarta"),
        cycle=max(available_cycles()),
        target_predikat="",
        offices=(),
        owner_overrides={},
        without_roles=frozenset(),
        calendar={},
        kecamatan_count=0,
        desa_count=0,
    )


def _tell(path: Path, file: CheckedFile | None, *, is_json: bool) -> None:
    if file is None:
        err(say("check.broken" if _opens(path) else "check.closed", file=path))
    if is_json:
        out(_as_json(path, file))
    elif file is not None:
        out(_as_text(path, file))


def _as_json(path: Path, file: CheckedFile | None) -> str:
    if file is None:
        return json.dumps({"file": str(path), "outcome": None, "code": "", "opd": "", "cells": 0, "findings": []})
    blocking = [finding for finding in file.findings if finding.effective == "blocking"]
    return json.dumps(
        {
            "file": str(path),
            "outcome": file.outcome.value,
            "code": blocking[0].code if blocking else "",
            "opd": file.receipt.opd_code,
            "cells": file.reading.ledger.cells_read,
            "findings": [
                {
                    "code": finding.code,
                    "severity": finding.severity.value,
                    "sheet": finding.sheet,
                    "cell": finding.cell,
                    "tell": finding.tell,
                    "fix": finding.fix,
                }
                for finding in file.findings
            ],
        },
        ensure_ascii=False,
    )


def _as_text(path: Path, file: CheckedFile) -> str:
    outcome, cells = say(f"outcome.{file.outcome}"), file.reading.ledger.cells_read
    head = say("check.of", file=path, outcome=outcome, opd=file.receipt.opd_code, cells=cells)
    if not file.receipt.opd_code:
        head = say("check.file", file=path, outcome=outcome)
    return "\n".join([head, *(_finding_text(finding) for finding in file.findings)])


def _finding_text(finding: Finding) -> str:
    place = f"{finding.sheet}!{finding.cell}" if finding.cell else finding.sheet
    return say("check.finding", place=place, code=finding.code, tell=finding.tell, fix=finding.fix).rstrip()
