"""G12: a second and a third run change nothing; four versions give one result in whatever order they are loaded."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

from bench.faults import quick
from bench.faults.goal import Budget, Figure, judged
from kla.findings import CheckedFile

TITLE = "again changes nothing; the order of loading neither"
SECONDS, LONG_SECONDS = 30, 120


def run(budget: Budget) -> Figure:
    """Run three nights; then load four versions of one form in all orders."""
    quick.inbox(budget.room)
    world = quick.sqlite_world(budget.room)
    faults, told = [], []
    world.fresh()
    seen = []
    for _ in range(3):
        quick.night()
        seen.append(quick.facts(world))
    for number, later in enumerate(seen[1:], 2):
        if others := quick.differences(seen[0], later):
            faults.append(f"run {number} changed {', '.join(others[:3])}")
    told.append(f"3 runs, {len(seen[0])} facts and pages equal")
    digests, orders = _orders(world, budget)
    told.append(f"{orders} orders of 4 versions: {len(digests)} result")
    faults += ["the order of loading changes the result"] if len(digests) != 1 else []
    return judged("G12", "; ".join(told), faults)


def _orders(world: quick.World, budget: Budget) -> tuple[set[str], int]:
    versions = _versions(world)
    digests: set[str] = set()
    orders = 0
    for order in permutations(versions):
        if time.monotonic() > budget.share(1.0) and orders > 3:
            break
        world.fresh()
        digests.add(_loaded(world, order))
        orders += 1
    return digests, orders


def _versions(world: quick.World) -> list[CheckedFile]:
    """Return four versions of one form, judged, that arrived a day after each other."""
    from kla.io.judging import judge
    from kla.io.reading import read_files
    from tasks.plan import make_plan
    from tasks.receive import receive

    world.fresh()
    folder = world.var / "inbox" / quick.CODE / quick.OFFICES[0]
    (original,) = folder.glob("*.xlsx")
    for number in range(1, 4):
        (folder / f"versi {number}.xlsx").write_bytes(_another(original.read_bytes(), number))
    plan = make_plan([quick.CODE], quick.DAY, None)
    receipts = [it for it in receive.fn(plan).receipts if it.folder_opd == quick.OFFICES[0]]
    first = receipts[0].received_at
    receipts = [replace(it, received_at=first - timedelta(days=place)) for place, it in enumerate(receipts)]
    checked, _ = judge(tuple(zip(receipts, read_files(receipts), strict=True)), plan.districts, plan.days, {}, {})
    plan.close()
    return list(checked)


def _another(content: bytes, number: int) -> bytes:
    """Return the same workbook as other bytes, with other levels chosen."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content))
    sheet = book["Klaster III"]
    filled = [cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, int | float) and cell.row > 8]
    for cell in filled[: number * 2]:
        cell.value += number
    target = io.BytesIO()
    book.save(target)
    with zipfile.ZipFile(target, "a") as parts:
        parts.writestr(f"docProps/versi{number}.txt", str(number))
    return target.getvalue()


def _loaded(world: quick.World, order: Sequence[CheckedFile]) -> str:
    from kla.io.districts import load_district
    from kla.io.instruments import load_instrument
    from kla.io.warehouse import open_warehouse
    from kla.io.warehouse.export import digest_of, export

    district = load_district(quick.CODE)
    with open_warehouse(world.url) as warehouse:
        for one in order:
            run_id = warehouse.begin_run(kind="nightly", as_of="", code_version="c", suite_version="s")
            warehouse.load(one, run_id, {quick.CODE: district.cycle})
            warehouse.rescore(district, load_instrument(district.cycle), district.cycle, run_id)
        return digest_of(export(warehouse))
