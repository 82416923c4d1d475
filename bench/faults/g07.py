"""G7: mutated files: no crash, no hang; the same bytes give the same codes."""

from __future__ import annotations

import random
import time
from collections import Counter
from itertools import pairwise

from bench.faults import books
from bench.faults.goal import Budget, Figure, judged

TITLE = "mutated files"
SECONDS, LONG_SECONDS = 75, 1400
FILES_LONG = 20_000
LEAST = 300
BATCH = 400
MOST_SECONDS = 10.0


def run(budget: Budget) -> Figure:
    """Read as many mutated forms as the seconds allow (20,000 in the long run), a part of them twice."""
    from kla.io.reading import read_files

    rng = random.Random(7)
    models = [books.form_bytes(office) for office in books.offices()[:4]] + [books.plain()]
    parts = [books.parts_of(model) for model in models]
    kinds: Counter[str] = Counter()
    faults: list[str] = []
    done = twice = 0
    slowest = 0.0
    while done < (FILES_LONG if budget.is_long else 4 * BATCH) and (budget.left > 0.3 * budget.seconds or done < LEAST):
        receipts = []
        for number in range(BATCH):
            path = budget.room / f"{number:05d}.xlsx"
            choice = rng.randrange(len(models))
            path.write_bytes(mutated(models[choice], parts[choice], rng))
            receipts.append(books.receipt_of(path, number))
        readings, longest = timed(receipts)
        slowest = max(slowest, longest)
        done += BATCH
        for reading in readings:
            kinds["read" if reading.reader else reading.problems[0].kind] += 1
            faults += [
                f"an exception of ours: {it.value}" for it in reading.problems if it.kind == "reader_died" and it.value
            ]
        again = rng.sample(range(BATCH), BATCH // 8)
        for number, reading in zip(again, read_files([receipts[number] for number in again]), strict=True):
            twice += 1
            if _codes(reading) != _codes(readings[number]):
                faults.append(f"other codes the second time: {_codes(readings[number])} {_codes(reading)}")
    faults += [f"a file took {slowest:.1f} s"] if slowest > MOST_SECONDS else []
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    return judged(
        "G7", f"{done} mutated files ({told}), slowest {slowest:.1f} s; {twice} read twice, same codes", faults
    )


def timed(receipts):
    """Return the readings, and the longest wait for any one of them."""
    from kla.io.reading import read_files

    moments = [time.monotonic()]
    readings = read_files(receipts, on_progress=lambda _: moments.append(time.monotonic()))
    return readings, max(later - sooner for sooner, later in pairwise(moments))


def _codes(reading) -> list[tuple[str, str, str]]:
    return sorted((it.kind, it.sheet, it.cell) for it in reading.problems)


def mutated(content: bytes, parts: dict[str, bytes], rng: random.Random) -> bytes:
    """Return a workbook changed at random: bytes of the file, or of one of its parts, which is packed again."""
    if rng.random() < 0.35:
        return _scrambled(content, rng)
    name = rng.choice(sorted(parts))
    return books.with_parts(content, {name: _scrambled(parts[name], rng)})


def _scrambled(content: bytes, rng: random.Random) -> bytes:
    body = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5, 40))):
        place = rng.randrange(len(body) + 1)
        match rng.randrange(6):
            case 0:
                body[place : place + 1] = bytes([rng.randrange(256)])
            case 1:
                del body[place : place + rng.randrange(1, 200)]
            case 2:
                body[place:place] = body[place : place + rng.randrange(1, 400)]
            case 3:
                body[place:place] = rng.choice(
                    (b"<", b">", b'"', b"&#0;", b"\xff\xfe", b"<!--", b"]]>", b"</c>", b"9" * 30)
                )
            case 4:
                body[place : place + 4] = rng.randbytes(4)
            case 5:
                other = rng.randrange(len(body) + 1)
                body[place:place] = body[other : other + rng.randrange(1, 60)]
    return bytes(body)
