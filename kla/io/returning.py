"""Hands a workbook back: the office's own file with its wrong cells marked and a first sheet that says how to mend them.

The file is opened in a child process with limits, as it was when it was read. What cannot be marked up (old formats,
files nobody could read) gives a workbook of ours that only lists the findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pebble import ProcessExpired, ProcessFuture

from kla.district import District
from kla.findings import CheckedFile, Finding
from kla.instrument import Instrument
from kla.io.forms import deadline_text
from kla.io.reading import limited_pool
from kla.io.return_page import Head, in_order, marks_of, page_of, say
from kla.io.return_work import Work, fresh, marked_up
from kla.io.steady_xlsx import write_bytes
from kla.receipts import receipt_number

FILE_SECONDS = 20.0
OPEN = "open"
_UNSAFE = re.compile(r"[^\w.-]")


@dataclass(frozen=True, slots=True)
class ReturnOrder:
    """One workbook to hand back; `is_readable` False where nothing of it was read, so that it is not opened again."""

    original: Path
    findings: tuple[Finding, ...]
    target: Path
    head: Head
    instrument: Instrument | None = None
    is_readable: bool = True


def write_return(
    original: Path,
    findings: Sequence[Finding],
    target: Path,
    *,
    receipt: str,
    deadline_text: str,
    office: str,
    district: str,
    cycle: int | None = None,
    instrument: Instrument | None = None,
    is_readable: bool = True,
) -> bool:
    """Write the workbook that goes back to `target`; returns whether it is the office's own file, marked up.

    The same file and findings give the same bytes. The original is never changed.

    Args:
        original: the file as it arrived (its archived copy).
        findings: those about this file; settled ones (waived, acknowledged) are left out.
        target: where to write; replaced in one move.
        receipt: the receipt number (kla.receipts).
        deadline_text: until when to mend, as people read it; "" where no date is set.
        office: the office's name; "" for a recap.
        district: the district's name.
        cycle: for the title.
        instrument: gives the order of the blocks.
        is_readable: False where intake could not read the file: then only the list is written.
    """
    head = Head(office, district, receipt, deadline_text, cycle)
    order = ReturnOrder(original, tuple(findings), target, head, instrument, is_readable)
    return write_returns([order])[0]


def write_returns(orders: Sequence[ReturnOrder], workers: int = 2) -> tuple[bool, ...]:
    """Write many workbooks as `write_return` does, with one pool of processes; returns which are marked up."""
    owed = [in_order(still_open(order.findings), order.instrument) for order in orders]
    works = [
        Work(str(order.original), page_of(found, order.head, True), marks_of(found)) if may_be_copied(order) else None
        for order, found in zip(orders, owed, strict=True)
    ]
    is_marked = []
    for order, found, content in zip(orders, owed, _marked(works, workers), strict=True):
        write_bytes(order.target, content or fresh(page_of(found, order.head, False)))
        is_marked.append(content is not None)
    return tuple(is_marked)


def may_be_copied(order: ReturnOrder) -> bool:
    """Whether the office's own file may be handed back: it was read, and holds nobody's personal data (rules P..)."""
    return order.is_readable and not any(finding.code.startswith("P") for finding in order.findings)


def still_open(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings an office still owes something for: neither waived nor acknowledged."""
    return tuple(finding for finding in findings if finding.status == OPEN)


def _marked(works: Sequence[Work | None], workers: int) -> Iterator[bytes | None]:
    """Yield each workbook marked up, None for those that cannot be; one process more where one died.

    Only those that wait for one before them are held in memory.
    """
    numbers = [number for number, work in enumerate(works) if work is not None]
    if not numbers:
        yield from [None] * len(works)
        return
    with limited_pool(min(workers, len(numbers)), {}) as pool:
        futures = {n: pool.schedule(marked_up, args=(works[n],), timeout=FILE_SECONDS) for n in numbers}
        for number in range(len(works)):
            yield _content_of(futures.pop(number)) if number in futures else None


def _content_of(future: ProcessFuture[Any]) -> bytes | None:
    try:
        return cast(bytes, future.result())
    except (FutureTimeoutError, ProcessExpired, BrokenExecutor, MemoryError):
        return None
    except Exception:  # noqa: BLE001 - whatever a foreign file raised in its child, the office gets its list
        return None


def order_for(
    checked: CheckedFile, version: int, folder: Path, district: District, instrument: Instrument | None
) -> ReturnOrder:
    """Return the order for an attempt's return workbook, for those who write many at once with `write_returns`."""
    receipt, reading = checked.receipt, checked.reading
    cycle = reading.cycle or receipt.cycle or district.cycle
    stage = receipt.stage or reading.stage
    number = receipt_number(receipt.district_code, receipt.opd_code, cycle, stage, version, receipt.sha256)
    window = next((window for window in district.windows(cycle) if window.stage == stage), None)
    known = district.has_office(receipt.opd_code)
    head = Head(
        office=district.office(receipt.opd_code).name if known else receipt.folder_opd,
        district=district.name,
        receipt=number,
        deadline=deadline_text(window.closes_on, district.zone.key) if window else "",
        cycle=cycle,
    )
    target = folder / workbook_name(number)
    return ReturnOrder(Path(receipt.path), checked.findings, target, head, instrument, bool(reading.reader))


def workbook_name(number: str) -> str:
    """Return the name of the workbook handed back under a receipt number; safe on any file system."""
    return say("file_name", receipt=_safe(number))


def findings_name(number: str) -> str:
    """Return the name of the list of an attempt's findings under a receipt number; safe on any file system."""
    return say("findings_name", receipt=_safe(number))


def _safe(number: str) -> str:
    return _UNSAFE.sub("_", number)
