"""G16: personal data is found wherever it stands, withheld, and nowhere in what a night leaves; honest tables give no alarm."""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from bench.faults import books
from bench.faults.goal import Budget, Figure, judged
from kla import layout
from kla.io.form_sheets import column_of
from kla.io.personal_words import load_personal_words
from kla.personal import masked

TITLE = "personal data"
SECONDS, LONG_SECONDS = 120, 300
PLACES = 300
HONEST = 300
FIRST = ("Budi", "Siti", "Ahmad", "Putri", "Rizky", "Dewi", "Nabila", "Fajar", "Wahyu", "Ayu")
LAST = ("Zulkarnainabc", "Qomariahxyz", "Wiradinataqq", "Hutabaratzz", "Simangunsongq")


@dataclass(frozen=True)
class Secret:
    """Something that must never come out: the text as planted, the text to look for."""

    planted: str
    needle: str
    kind: str


def run(budget: Budget) -> Figure:
    """Plant 300 secrets, read; judge a night over some of them; read honest tables."""
    rng = random.Random(16)
    found, planted, faults = _found(budget, rng)
    alarms = _alarms(budget, rng)
    faults += [f"alarm on an honest table: {it}" for it in alarms]
    files, leaks = _leaks(rng) if not faults else (0, [])  # what was not found needs no night to leak
    faults += leaks
    figure = (
        f"{found} of {planted} planted places found and withheld; {len(leaks)} leaks in {files} files a night left; "
    )
    return judged("G16", figure + f"{len(alarms)} alarms on {HONEST} honest tables", faults)


def secrets(rng: random.Random) -> Iterator[Secret]:
    """Yield numbers and names of nobody, written as people write them."""
    regencies = sorted(load_personal_words().regencies)
    while True:
        day = rng.randrange(1, 29) + rng.choice((0, 40))
        nik = f"{rng.choice(regencies)}{rng.randrange(1, 30):02d}{day:02d}{rng.randrange(1, 13):02d}"
        nik += f"{rng.randrange(100):02d}{rng.randrange(1, 9999):04d}"
        spaced = f"{nik[:4]} {nik[4:8]} {nik[8:12]} {nik[12:]}"
        phone = f"08{rng.randrange(11, 99)}{rng.randrange(10**7, 10**8)}"
        name = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
        yield Secret(nik, nik, "number")
        yield Secret(f"NIK: {spaced} a.n. X", spaced, "number")
        yield Secret(f"KK {nik}", nik, "number")
        yield Secret(f"HP {phone[:4]}-{phone[4:8]}-{phone[8:]}", f"{phone[4:8]}-{phone[8:]}", "phone")
        yield Secret(f"+62{phone[1:]}", phone[1:], "phone")
        yield Secret(name, name.split()[1], "name")


def _open_sheets(book: Workbook) -> list[Worksheet]:
    """Return the sheets with tables of answers."""
    no = {layout.COVER_SHEET, layout.EVIDENCE_SHEET}
    return [it for it in book.worksheets if not it.title.startswith("_") and it.title not in no]


def _plant(book: Workbook, sheet: Worksheet, secret: Secret, way: int, rng: random.Random) -> str:
    """Put a secret somewhere into a form, on this sheet or one of its own, and return the sheet it is in."""
    if secret.kind == "name":
        _plant_names(sheet, secret, rng)
        return sheet.title
    notes = column_of("note", layout.ANSWER_KEYS)
    row = next(row for row in range(rng.randrange(6, 14), 60) if not isinstance(sheet.cell(row, notes), MergedCell))
    if way == 0:
        sheet.cell(row, notes).value = secret.planted
    elif way == 1:
        sheet.cell(row, rng.randrange(20, 40)).value = secret.planted
    elif way == 2:
        sheet.cell(row, notes).comment = Comment(f"lihat {secret.planted}", "x")
    elif way == 3:
        sheet.oddHeader.left.text = secret.planted
    elif way == 4:
        sheet = book.create_sheet(f"Rincian {len(book.worksheets)}")
        sheet.append(["Uraian", "Isi"])
        sheet.append(["a", secret.planted])
    elif way == 5:
        sheet = book.create_sheet(secret.planted.replace(":", "")[:31])
        sheet.append(["isi"])
    elif way == 6 and secret.planted.isdigit() and len(secret.planted) == 16:
        sheet.cell(row, rng.randrange(20, 40)).value = int(secret.planted)
    else:
        sheet.cell(row, column_of("answer", layout.ANSWER_KEYS)).value = secret.planted
    return sheet.title


def _plant_names(sheet, secret: Secret, rng: random.Random) -> None:
    column = rng.randrange(20, 40)
    heads = rng.choice((("Nama Anak",), ("Nama", "Umur"), ("NAMA LENGKAP ANAK", "L/P"), ("Nama Siswa", "Kelas")))
    for offset, head in enumerate(heads):
        sheet.cell(20, column + offset).value = head
    for line in range(21, 24):
        sheet.cell(line, column).value = secret.planted
        if len(heads) > 1:
            sheet.cell(line, column + 1).value = {"Umur": 9, "L/P": "L", "Kelas": "IV"}[heads[1]]


def _found(budget: Budget, rng: random.Random) -> tuple[int, int, list[str]]:
    """Return how many of the planted secrets were found and withheld, how many there were, and the others."""
    from kla.io.reading import read_files

    receipts, planted, stream, number = [], [], secrets(rng), 0
    offices = [it for it in books.offices() if len({sheet for sheet, _ in books.places_of(it).values()}) > 2]
    while number < PLACES:
        office = offices[len(receipts) % len(offices)]
        book = load_workbook(io.BytesIO(books.form_bytes(office)))
        mine = []
        for sheet in _open_sheets(book):
            secret = next(stream)
            mine.append((secret, _plant(book, sheet, secret, number // 6 % 8, rng)))
            number += 1
        path = budget.room / f"{number:04d}.xlsx"
        book.save(path)
        receipts.append(books.receipt_of(path, number, office))
        planted.append(mine)
    faults = []
    for mine, reading in zip(planted, read_files(receipts), strict=True):
        read = {row.sheet for row in (*reading.answers, *reading.evidence)}
        told, said = {it.sheet for it in reading.problems if it.kind.startswith("personal_")}, repr(reading)
        for secret, sheet in mine:
            is_told = sheet in told or masked(sheet, load_personal_words()) in told
            if sheet in read or not is_told or secret.needle in said:
                faults.append(f"{secret.kind} in {sheet!r} of {secret.planted!r}: {'told' if is_told else 'not told'}")
    return number - len(faults), number, faults


def _alarms(budget: Budget, rng: random.Random) -> list[str]:
    """Return the honest tables in which something personal was seen."""
    from kla.io.reading import read_files

    receipts = []
    for number in range(HONEST):
        book = Workbook()
        head = rng.choice((HEADS_MONEY, HEADS_COUNT, HEADS_DECREE))
        book.worksheets[0].append(list(head))
        for line in range(30):
            book.worksheets[0].append(_honest_row(head, line, rng))
        path = budget.room / f"honest-{number:04d}.xlsx"
        path.write_bytes(books.saved(book))
        receipts.append(books.receipt_of(path, number))
    return [
        f"{it.kind} {it.expected}"
        for reading in read_files(receipts)
        for it in reading.problems
        if "personal" in it.kind
    ]


HEADS_MONEY = ("No", "Kegiatan", "Pagu Anggaran (Rp)", "Realisasi", "Kode rekening")
HEADS_COUNT = ("No", "Kecamatan", "Jumlah KK", "Anak memiliki NIK", "Usia 0-5", "Laki-laki", "Perempuan")
HEADS_DECREE = ("No", "Nama dokumen", "Nomor SK", "Tanggal", "Nama lembaga", "Keterangan")


def _honest_row(head: tuple[str, ...], line: int, rng: random.Random) -> list[object]:
    if head is HEADS_MONEY:
        figure = rng.randrange(10**15, 10**16)
        as_text = rng.choice((figure, str(figure), f"Rp {figure:,}".replace(",", "."), rng.randrange(10**9)))
        return [line, f"Kegiatan {line}", as_text, rng.randrange(10**15, 10**16), f"5.1.02.01.01.{line:04d}.2023"]
    if head is HEADS_COUNT:
        return [line, f"Kecamatan {line}", *(rng.randrange(30_000) for _ in range(5))]
    number = f"188.45/{rng.randrange(1, 9999)}/HK/{rng.randrange(2015, 2026)}"
    day = f"{rng.randrange(1, 29)} Juni {rng.randrange(2015, 2026)}"
    more = rng.choice(
        ("SAPA 129", "(0541) 6667788", "www.kla.id/2023/0812", "2.350 anak usia 10 tahun", "Perda 12 Tahun 2022")
    )
    return [line, "Keputusan Bupati", number, day, f"Forum Anak {line}", more]


def _leaks(rng: random.Random) -> tuple[int, list[str]]:
    """Run a night over files with secrets; return how many files it left and those in which a secret stands."""
    from bench.faults.places import CODE

    var = Path(os.environ["KLA_VAR"])
    planted: list[Secret] = []
    stream = secrets(rng)
    for number, office in enumerate(books.offices()[:10]):
        secret = next(stream)
        planted.append(secret)

        def change(book: Workbook, secret=secret, number=number) -> None:
            _plant(book, rng.choice(_open_sheets(book)), secret, number % 8, rng)

        folder = var / "inbox" / CODE / office
        folder.mkdir(parents=True)
        name = f"Data {secret.needle}.xlsx" if secret.kind == "number" and number % 2 else "isian.xlsx"
        planted_name = secret.needle if name != "isian.xlsx" else ""
        content = books.edited(books.form_bytes(office), change)
        (folder / name).write_bytes(content)
        os.utime(folder / name, (1_600_000_000, 1_600_000_000))
        planted += [Secret(planted_name, planted_name, "number")] if planted_name else []
    command = [sys.executable, "-m", "desk.main", "nightly", "--district", CODE, "--as-of", "2024-05-20"]
    ended = subprocess.run(command, capture_output=True, timeout=400, check=False)
    said = ended.stdout + ended.stderr
    needles = {secret.needle.encode() for secret in planted}
    leaks = [f"on the screen: {needle.decode()[:2]}..." for needle in needles if needle in said]
    files = [*_left_by(var), *_left_by(Path(os.environ["PREFECT_HOME"]))]
    for path in files:
        leaks += [str(path.relative_to(var.parent)) for needle in needles if needle in _opened(path)]
    if ended.returncode not in (0, 3):
        leaks.append(f"the night ended with {ended.returncode}: {said[-300:]!r}")
    if not any(path.name == "warehouse.db" for path in files):
        leaks.append("the night left no warehouse")
    return len(files), leaks


def _left_by(folder: Path) -> list[Path]:
    """Return every file below a folder but inbox and archive, where originals may be."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not {"inbox", "archive"} & set(path.relative_to(folder).parts[:1])
    ]


def _opened(path: Path) -> bytes:
    """Return what a file holds, a package with its parts unpacked."""
    content = path.read_bytes()
    if content.startswith(b"PK"):
        return content + b"".join(books.parts_of(content).values())
    return content
