"""Odd and hostile files made here, thousands of different ones from one seed: the project needs nobody's corpus."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.faults import books

MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET = "xl/worksheets/sheet1.xml"
OLE2 = bytes.fromhex("d0cf11e0a1b11ae1")
BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FETCH = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
Maker = Callable[[random.Random], bytes]


def sheet(body: bytes, head: bytes = b"") -> bytes:
    """Return a worksheet's XML."""
    return b"<worksheet " + MAIN + b">" + head + b"<sheetData>" + body + b"</sheetData></worksheet>"


def of_rows(body: bytes, head: bytes = b"") -> bytes:
    """Return a workbook whose only sheet holds these rows."""
    return books.with_parts(books.plain(), {SHEET: sheet(body, head)})


def cell(place: str, content: object, more: str = "") -> bytes:
    """Return a cell's XML."""
    return f'<c r="{place}"{more}><v>{content}</v></c>'.encode()


def ods(rows: bytes) -> bytes:
    """Return an OpenDocument spreadsheet with these rows."""
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    head = f'<office:document-content xmlns:office="{space}office:1.0" xmlns:table="{space}table:1.0" '
    head += f'xmlns:text="{space}text:1.0"><office:body><office:spreadsheet><table:table table:name="A">'
    tail = b"</table:table></office:spreadsheet></office:body></office:document-content>"
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", head.encode() + rows + tail)
    return target.getvalue()


def lying_size(rng: random.Random) -> bytes:
    """Return a package whose directory says a part is small."""
    content = bytearray(books.with_parts(books.plain(), {"xl/media/a.bin": bytes(rng.randrange(1, 9) * 1_000_000)}))
    place = content.rfind(b"xl/media/a.bin") - 46 + 24
    content[place : place + 4] = struct.pack("<I", 10)
    return bytes(content)


def cut(rng: random.Random) -> bytes:
    """Return a form cut off somewhere."""
    content = books.form_bytes(books.offices()[0])
    return content[: rng.randrange(1, len(content))]


def flipped(rng: random.Random) -> bytes:
    """Return a form in which some bytes are others."""
    content = bytearray(books.form_bytes(books.offices()[0]))
    for _ in range(rng.choice((1, 3, 20, 400))):
        content[rng.randrange(len(content))] = rng.randrange(256)
    return bytes(content)


def part_garbled(rng: random.Random) -> bytes:
    """Return a form in which one part was cut, doubled, emptied, or mixed with another."""
    form = books.form_bytes(books.offices()[0])
    parts = books.parts_of(form)
    name, other = rng.choice(sorted(parts)), rng.choice(sorted(parts))
    body = parts[name]
    place = rng.randrange(len(body) or 1)
    kinds = (body[:place], body + body, b"", parts[other], body[:place] + b"\xff\xfe<" + body[place:], None)
    return books.with_parts(form, {name: rng.choice(kinds)})


def encrypted(rng: random.Random) -> bytes:
    """Return what a file with a password looks like from outside."""
    return OLE2 + rng.randbytes(600) + "EncryptedPackage".encode("utf-16-le") + rng.randbytes(4000)


def far(rng: random.Random) -> bytes:
    """Return a sheet with a value in its first cell and in its last."""
    last = rng.choice(("XFD1048576", "XFD9", "A1048576", "ZZ700000", "ZZZ9999999", "A99999999999"))
    return of_rows(b'<row r="1">' + cell("A1", 1) + b"</row><row>" + cell(last, 2) + b"</row>")


def merges(rng: random.Random) -> bytes:
    """Return a sheet with tens of thousands of merged ranges."""
    count = rng.choice((1000, 50_000))
    tail = b"".join(b'<mergeCell ref="A%d:B%d"/>' % (n, n) for n in range(1, count))
    body = sheet(b'<row r="1">' + cell("A1", 1) + b"</row>").replace(
        b"</worksheet>", b'<mergeCells count="%d">' % count + tail + b"</mergeCells></worksheet>"
    )
    return books.with_parts(books.plain(), {SHEET: body})


def odd_values(rng: random.Random) -> bytes:
    """Return cells with values no cell should have."""
    values = (
        "1e400",
        "-1e400",
        "NaN",
        "INF",
        "1" * 400,
        "",
        "  ",
        "0x1F",
        "1,5",
        "9" * 17,
        "-0",
        "1e-320",
        "&#0;",
        "&lt;",
    )
    types = (
        "",
        ' t="s"',
        ' t="b"',
        ' t="d"',
        ' t="n"',
        ' t="str"',
        ' t="inlineStr"',
        ' t="e"',
        ' s="99999"',
        ' s="-1"',
    )
    cells = [cell(f"{chr(65 + n % 26)}1", rng.choice(values), rng.choice(types)) for n in range(rng.randrange(1, 60))]
    return of_rows(b'<row r="1">' + b"".join(cells) + b"</row>")


def deep(rng: random.Random) -> bytes:
    """Return XML nested as deep as nobody nests."""
    depth = rng.choice((100, 10_000, 200_000))
    return of_rows(b'<row r="1"><c r="A1">' + b"<x>" * depth + b"1" + b"</x>" * depth + b"</c></row>")


def repeated(rng: random.Random) -> bytes:
    """Return a spreadsheet of a few bytes that repeats its cells a million times."""
    rows, columns = rng.choice(((1_048_576, 16_384), (1_048_576, 1), (100_000, 500), (3, 16_384)))
    value = b"" if rng.random() < 0.3 else b'office:value-type="string"'
    text = b"" if not value else b"<text:p>x</text:p>"
    body = b'<table:table-row table:number-rows-repeated="%d"><table:table-cell ' % rows
    return ods(
        body
        + value
        + b' table:number-columns-repeated="%d">' % columns
        + text
        + b"</table:table-cell></table:table-row>"
    )


def shared_strings(rng: random.Random) -> bytes:
    """Return a sheet that points at texts that are not there, or at very long ones."""
    strings = b"<si><t>" + b"x" * rng.choice((1, 40_000, 3_000_000)) + b"</t></si>"
    rows = b'<row r="1">' + cell("A1", rng.choice((0, 1, -1, 10**9, "a")), ' t="s"') + b"</row>"
    parts = {SHEET: sheet(rows), "xl/sharedStrings.xml": b"<sst " + MAIN + b">" + strings + b"</sst>"}
    return books.with_parts(books.plain(), parts)


def relations(rng: random.Random) -> bytes:
    """Return a workbook whose parts point at each other, at nothing, or outside."""
    target = rng.choice(
        ("../../../etc/passwd", "http://10.255.255.1/x", "/xl/workbook.xml", "worksheets/none.xml", "", ".")
    )
    rels = books.parts_of(books.plain())["xl/_rels/workbook.xml.rels"]
    return books.with_parts(
        books.plain(), {"xl/_rels/workbook.xml.rels": rels.replace(b"worksheets/sheet1.xml", target.encode())}
    )


def disguised(rng: random.Random) -> bytes:
    """Return something that is no workbook at all."""
    table = b"<html><body><table><tr><td>1</td></tr></table></body></html>"
    texts = (
        b"",
        b"%PDF-1.7\n%%EOF",
        table,
        b"kode;jawaban\n14.P1;ya\n",
        b"\x89PNG\r\n\x1a\n",
        b"{\\rtf1}",
        b"\0" * 4096,
    )
    more = (
        b"<?xml version='1.0'?><Workbook/>",
        b"Rar!\x1a\x07",
        b"7z\xbc\xaf",
        b"PK\x05\x06" + bytes(18),
        b"PK\x03\x04",
    )
    return rng.choice((*texts, *more)) + (rng.randbytes(rng.randrange(60)) if rng.random() < 0.5 else b"")


def binary_sheets(rng: random.Random) -> bytes:
    """Return what begins like an old or a binary workbook and goes on at random."""
    beginning = rng.choice(
        (OLE2, OLE2 + b"W\0o\0r\0k\0b\0o\0o\0k\0", b"\x09\x08\x10\x00\x00\x06\x05\x00", b"\x09\x00\x04\x00")
    )
    return beginning + rng.randbytes(rng.choice((10, 600, 5000)))


def declared(rng: random.Random) -> bytes:
    """Return a workbook with a DTD or entities in one of its parts."""
    name = rng.choice((SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"))
    body = books.parts_of(books.plain()).get(name, b"<sst/>")
    body = rng.choice((BOMB, FETCH)) + body[body.find(b"?>") + 2 if body.startswith(b"<?xml") else 0 :]
    return books.with_parts(books.plain(), {name: body.decode().encode("utf-16") if rng.random() < 0.3 else body})


def swollen(rng: random.Random) -> bytes:
    """Return a package that unpacks to much more than it weighs, or has thousands of parts."""
    if rng.random() < 0.5:
        return books.with_parts(books.plain(), {f"xl/media/{n}.png": b"" for n in range(rng.choice((100, 3100)))})
    return books.with_parts(
        books.plain(), {rng.choice((SHEET, "xl/media/a.bin")): bytes(rng.choice((9, 110)) * 1_000_000)}
    )


def hidden_faults(rng: random.Random) -> bytes:
    """Return a sheet with errors, formulas without a result, hidden rows and a false dimension."""
    body = b'<row r="3" hidden="1">' + cell("A3", "#REF!", ' t="e"') + b'<c r="B3"><f>A1+1</f></c></row>'
    return of_rows(b'<row r="1">' + cell("A1", rng.random()) + b"</row>" + body, b'<dimension ref="A1:A2"/>')


MAKERS: tuple[Maker, ...] = (
    *(cut, flipped, part_garbled, part_garbled, encrypted, far, merges, odd_values, odd_values, deep, repeated),
    *(shared_strings, relations, disguised, disguised, binary_sheets, declared, lying_size, swollen, hidden_faults),
)
# What takes seconds or half a gigabyte to refuse is tried, but not by the hundred.
HEAVY = frozenset({merges, deep, repeated, swollen, lying_size})


def odd_files(seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) without end, each kind in turn; the heavy ones more rarely."""
    rng = random.Random(seed)
    number = 0
    while True:
        for maker in MAKERS:
            if maker in HEAVY and number > 200 and rng.random() < 0.85:
                continue
            number += 1
            yield f"{number:05d}-{maker.__name__}.{rng.choice(('xlsx', 'xlsx', 'xlsm', 'xls'))}", maker(rng)


def corpus_files(corpus: Path | None) -> list[Path]:
    """Return every regular file of the corpus, in order; [] without one."""
    if corpus is None:
        return []
    return sorted(path for path in corpus.rglob("*") if path.is_file() and not path.is_symlink())
