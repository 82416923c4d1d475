"""New files on their way through a run, cut into batches that fit in memory whatever the size of the province."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from kla.findings import CheckedFile
from kla.night import Trouble
from kla.submission import Reading, Receipt

# A suite run costs a second whatever its size, and a file in memory about 150 KB until it is loaded.
BATCH_FILES = 900  # so that a part of 1,500 files, which is hardly ever exactly the half, is judged at once
MOST_GROUPS = 10


class Batch:
    """Some files of a run, after each step. `readings` and `checked` are empty until that step is done.

    A plain class on purpose: Prefect walks through dataclasses and lists that are handed to a task or returned, row by row.
    """

    def __init__(
        self,
        receipts: Sequence[Receipt],
        readings: Sequence[Reading] = (),
        checked: Sequence[CheckedFile] = (),
        troubles: Sequence[Trouble] = (),
        number: int = 1,
        cycle: int = 0,
    ) -> None:
        self.receipts = tuple(receipts)
        self.readings = tuple(readings)
        self.checked = tuple(checked)
        self.troubles = tuple(troubles)
        self.number = number
        self.cycle = cycle  # 0: files of any cycle

    @property
    def codes(self) -> tuple[str, ...]:
        """The districts of the batch, in order."""
        return tuple(dict.fromkeys(receipt.district_code for receipt in self.receipts))


def batches(receipts: Sequence[Receipt], size: int = BATCH_FILES) -> list[Batch]:
    """Cut receipts into batches of about `size` files; a district stays whole unless it alone is larger."""
    cut: list[list[Receipt]] = []
    for _, group in groupby(receipts, key=lambda receipt: receipt.district_code):
        for receipt in (pile := list(group)):
            is_full = bool(cut) and len(cut[-1]) >= size
            begins = receipt is pile[0] and bool(cut) and len(cut[-1]) + len(pile) > size
            if not cut or is_full or begins:
                cut.append([])
            cut[-1].append(receipt)
    return [Batch(part, number=number) for number, part in enumerate(cut, 1)]


def by_cycle(batch: Batch, current: Mapping[str, int]) -> list[Batch]:
    """Cut a batch that was read into its cycles, the oldest first: what counts of one is the history of the next.

    `current` maps district code to its current cycle, for files that do not say theirs.
    """
    pairs: dict[int, list[tuple[Receipt, Reading]]] = {}
    for receipt, reading in zip(batch.receipts, batch.readings, strict=True):
        cycle = reading.cycle or receipt.cycle or current[receipt.district_code]
        pairs.setdefault(cycle, []).append((receipt, reading))
    return [
        Batch([it for it, _ in pairs[cycle]], [it for _, it in pairs[cycle]], number=batch.number, cycle=cycle)
        for cycle in sorted(pairs)
    ]


class Group:
    """Some districts that are loaded, scored or published by one task. A plain class like `Batch`."""

    def __init__(self, codes: Sequence[str]) -> None:
        self.codes = tuple(codes)

    @property
    def label(self) -> str:
        """The first district, and how many more."""
        return self.codes[0] + (f" +{len(self.codes) - 1}" if len(self.codes) > 1 else "")


def groups(codes: Sequence[str], most: int = MOST_GROUPS) -> list[Group]:
    """Cut districts into at most `most` groups: one each when they are few, so that each has its own task.

    >>> [group.label for group in groups(["17.04", "63.10"])]
    ['17.04', '63.10']
    >>> [len(group.codes) for group in groups([str(code) for code in range(25)], 10)]
    [3, 3, 3, 3, 3, 2, 2, 2, 2, 2]
    """
    count = min(most, len(codes))
    base, more = divmod(len(codes), count) if count else (0, 0)
    cut, start = [], 0
    for index in range(count):
        end = start + base + (index < more)
        cut.append(Group(codes[start:end]))
        start = end
    return cut
