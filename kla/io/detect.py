"""What a file is, judged by its content, before anything unpacks it: type, limits, traps, what hides in the sheets."""

from __future__ import annotations

import html
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kla.io.archive import MOST_BYTES, is_too_large
from kla.io.sheet_notes import numbers_beside
from kla.io.sheet_scan import MOST_CELLS, SheetScan, percent_styles, scan_sheet
from kla.submission import Problem

MOST_UNPACKED = 150_000_000
MOST_PART = 100_000_000
MOST_PARTS = 3_000

_OLE2 = bytes.fromhex("d0cf11e0a1b11ae1")
_BARE_BIFF = (b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08")
_LOOKS = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"{\\rtf", "rtf"),
    (b"Rar!", "rar"),
    (b"7z\xbc", "7z"),
)
_SHEET_TAG = re.compile(rb"<(?:\w+:)?sheet\s([^>]*?)/?>")
_RELATION_TAG = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*?)/?>")
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.ASCII)
_IS_1904 = re.compile(rb"""\bdate1904=["'](?:1|true)["']""")
_KEPT_BESIDE = ("docprops/", "xl/externallinks/", "xl/pivotcache/", "customxml/")
_DECLARATION = re.compile(rb"!(?<=<!)(?:DOCTYPE|ENTITY)")
_STRICT = b"http://purl.oclc.org/ooxml/"
_BROKEN = zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, ValueError, KeyError
_MACRO_PARTS = ("vbaproject.bin", "vbadata.xml")


class Unreadable(Exception):  # noqa: N818 - it is a verdict about a file, not an error of ours
    """The file gives no rows; `problem` says why."""

    def __init__(self, kind: str, value: str = "", expected: str = "", sheet: str = "") -> None:
        super().__init__(kind)
        self.problem = Problem(kind, sheet, "", value, expected)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of a readable file: format (xlsx, xlsm, xls, xlsb, ods), problems so far, sheet name -> scan.

    `parts` says where in an .xlsx each sheet lies, "" where its shared strings do; `beside` which parts hold what
    else is written about a sheet (comments, text boxes); `stored` are the texts with a long number in what a workbook
    keeps beside its sheets (cached values, names, properties).
    """

    format: str
    problems: tuple[Problem, ...] = ()
    scans: Mapping[str, SheetScan] = field(default_factory=dict)
    uses_1904: bool = False
    parts: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stored: tuple[str, ...] = ()


def inspect(path: Path) -> FileFacts:
    """Return the facts about a file.

    Raises:
        Unreadable: it is no workbook, is protected, broken, or larger than allowed.
        OSError: the file cannot be opened.
    """
    refuse_too_large(path.stat().st_size)
    content = path.read_bytes()
    if content.startswith(_OLE2):
        return _inspect_ole2(content)
    if content.startswith(b"PK"):
        return _inspect_zip(content)
    if content.startswith(_BARE_BIFF):
        return FileFacts("xls", (Problem("legacy_format", value="xls"),))
    raise Unreadable("not_a_workbook", _look_of(content[:2048]))


def refuse_too_large(size_bytes: int) -> None:
    """Raise Unreadable for a file that is larger than may be read."""
    if is_too_large(size_bytes):
        raise Unreadable("too_large", _megabytes(size_bytes), _megabytes(MOST_BYTES))


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f}".replace(".", ",")


def _look_of(head: bytes) -> str:
    for start, name in _LOOKS:
        if head.startswith(start):
            return name
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if not text:
        return "empty" if not head.strip(b"\0") else "text"
    if text.startswith((b"<!doctype html", b"<html", b"<table")):
        return "html"
    if text.startswith(b"<"):
        return "xml"
    return "binary" if b"\0" in head else "text"


def _inspect_ole2(content: bytes) -> FileFacts:
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Unreadable("encrypted")
    if not any(name.encode("utf-16-le") in content for name in ("Workbook", "Book", "WORKBOOK", "BOOK")):
        raise Unreadable("not_a_workbook", "ole2")
    problems = [Problem("legacy_format", value="xls")]
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        problems.append(Problem("macro"))
    return FileFacts("xls", tuple(problems))


def _inspect_zip(content: bytes) -> FileFacts:
    with _package(content) as archive:
        return _inspect_parts(archive, _limited_parts(archive))


@contextmanager
def _package(content: bytes) -> Iterator[zipfile.ZipFile]:
    """Give an open package; whatever a broken one makes the unpacker raise is Unreadable.

    It is unpacked from memory: a part read from the file costs as much in calls to the system as in unpacking.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield archive
    except _BROKEN as error:
        raise Unreadable("damaged") from error
    except RuntimeError as error:  # zipfile's word for a password
        raise Unreadable("encrypted") from error


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Give an open package that keeps the limits, of a file that was inspected before; raises as inspect() does."""
    refuse_too_large(path.stat().st_size)
    with _package(path.read_bytes()) as archive:
        _limited_parts(archive)
        yield archive


def _limited_parts(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return part name (lower case, forward slashes) -> entry, or refuse what is more than honest files ever hold."""
    entries = archive.infolist()
    if len(entries) > MOST_PARTS:
        raise Unreadable("unpacks_too_large", f"{len(entries)} bagian", f"{MOST_PARTS} bagian")
    largest = max((entry.file_size for entry in entries), default=0)
    total = sum(entry.file_size for entry in entries)
    for measured, limit in ((largest, MOST_PART), (total, MOST_UNPACKED)):
        if measured > limit:
            raise Unreadable("unpacks_too_large", f"{_megabytes(measured)} MB", f"{_megabytes(limit)} MB")
    parts = {entry.filename.replace("\\", "/").lstrip("/").lower(): entry for entry in entries}
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable("encrypted")
    return parts


def _inspect_parts(archive: zipfile.ZipFile, parts: Mapping[str, zipfile.ZipInfo]) -> FileFacts:
    main = _main_part(archive, parts) or next((name for name in parts if name.endswith("workbook.xml")), "")
    if main:
        return _inspect_xlsx(archive, parts, main)
    macro = (Problem("macro"),) if _has_macro(parts) else ()
    if any(name.endswith("workbook.bin") for name in parts):
        return FileFacts("xlsb", (Problem("legacy_format", value="xlsb"), *macro))
    if "content.xml" in parts and b"spreadsheet" in _part(archive, parts, "mimetype")[:200]:
        if b"encryption-data" in _part(archive, parts, "meta-inf/manifest.xml"):
            raise Unreadable("encrypted")
        _checked_xml(archive, parts, "content.xml")
        return FileFacts("ods", (Problem("legacy_format", value="ods"),))
    looks = {"word/": "docx", "ppt/": "pptx", "content.xml": "odf", "index/document.iwa": "numbers"}
    raise Unreadable(
        "not_a_workbook", next((look for key, look in looks.items() if any(n.startswith(key) for n in parts)), "zip")
    )


def _inspect_xlsx(archive: zipfile.ZipFile, parts: Mapping[str, zipfile.ZipInfo], main: str) -> FileFacts:
    workbook = _checked_xml(archive, parts, main)
    folder, _, name = main.rpartition("/")
    targets = _relations(_checked_xml(archive, parts, f"{folder}/_rels/{name}.rels".lstrip("/")), folder)
    places = {"": f"{folder}/sharedstrings.xml".lstrip("/")}
    _checked_xml(archive, parts, places[""])
    percents = percent_styles(_checked_xml(archive, parts, f"{folder}/styles.xml".lstrip("/")))
    problems = [Problem("strict_ooxml")] if _STRICT in workbook else []
    has_macro = _has_macro(parts)
    problems += [Problem("macro")] if has_macro else []
    links = sum("externallinks/externallink" in part and part.endswith(".xml") for part in parts)
    problems += [Problem("external_link", value=str(links))] if links else []
    scans: dict[str, SheetScan] = {}
    beside: dict[str, tuple[str, ...]] = {}
    for tag in _SHEET_TAG.finditer(workbook):
        given = _attributes(tag[1])
        part = targets.get(given.get("r:id") or next((v for k, v in given.items() if k.endswith(":id")), ""), "")
        if "worksheet" in part or part in parts:
            sheet = given.get("name", "")
            places[sheet] = part
            scans[sheet] = scan = scan_sheet(_checked_xml(archive, parts, part), percents)
            beside[sheet] = _written_beside(archive, parts, part)
            problems += _sheet_problems(sheet, scan)
    kept = (_part(archive, parts, part) for part in parts if part.startswith(_KEPT_BESIDE) and part != main)
    stored = tuple(text for content in (workbook, *kept) for text in numbers_beside(content))
    uses_1904 = bool(_IS_1904.search(workbook))
    return FileFacts("xlsm" if has_macro else "xlsx", tuple(problems), scans, uses_1904, places, beside, stored)


def _written_beside(archive: zipfile.ZipFile, parts: Mapping[str, zipfile.ZipInfo], sheet: str) -> tuple[str, ...]:
    """Return the parts that hold a sheet's comments and text boxes."""
    folder, _, name = sheet.rpartition("/")
    related = f"{folder}/_rels/{name}.rels"
    if related not in parts:
        return ()
    targets = sorted(_relations(_checked_xml(archive, parts, related), folder).values())
    return tuple(it for it in targets if it in parts and it.endswith(".xml") and ("comment" in it or "/drawing" in it))


def read_parts(path: Path, names: Iterable[str]) -> dict[str, bytes]:
    """Return the named parts of an .xlsx that inspect() looked at, b"" for one that is not there.

    Raises:
        Unreadable: one of them is broken.
    """
    with _package(path.read_bytes()) as archive:
        parts = _limited_parts(archive)
        return {name: _part(archive, parts, name) for name in names}


def _sheet_problems(sheet: str, scan: SheetScan) -> list[Problem]:
    if scan.area:
        raise Unreadable("too_many_cells", scan.area, f"{MOST_CELLS:,}".replace(",", "."), sheet)
    return [Problem("lying_dimension", sheet, "", scan.declared, scan.real)] if scan.declared else []


def _has_macro(parts: Mapping[str, zipfile.ZipInfo]) -> bool:
    return any(part.endswith(_MACRO_PARTS) for part in parts)


def _main_part(archive: zipfile.ZipFile, parts: Mapping[str, zipfile.ZipInfo]) -> str:
    """Return the workbook's part as the package names it, "" when it names none that is XML."""
    for tag in _RELATION_TAG.finditer(_part(archive, parts, "_rels/.rels")):
        given = _attributes(tag[1])
        target = given.get("Target", "").replace("\\", "/").lstrip("/").lower()
        is_main = given.get("Type", "").endswith("/officeDocument") and target in parts
        if is_main and target.endswith(".xml") and not target.startswith(("word/", "ppt/")):
            return target
    return ""


def _relations(rels: bytes, folder: str) -> dict[str, str]:
    found = {}
    for tag in _RELATION_TAG.finditer(rels):
        given = _attributes(tag[1])
        target = given.get("Target", "").replace("\\", "/").lower()
        place = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}".lstrip("/")
        while "/../" in place:
            place = re.sub(r"[^/]+/\.\./", "", place, count=1)
        found[given.get("Id", "")] = place.replace("/./", "/")
    return found


def _attributes(tag: bytes) -> dict[str, str]:
    found = _ATTRIBUTE.findall(tag.decode("utf-8", "replace"))
    return {name: html.unescape(first or second) for name, first, second in found}


def _part(archive: zipfile.ZipFile, parts: Mapping[str, zipfile.ZipInfo], name: str) -> bytes:
    """Return a part's bytes as UTF-8, b"" when there is none; never more than the entry declares."""
    if name not in parts:
        return b""
    content = archive.read(parts[name])
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace").encode()
    return content


def _checked_xml(archive: zipfile.ZipFile, parts: Mapping[str, zipfile.ZipInfo], name: str) -> bytes:
    content = _part(archive, parts, name)
    refuse_declarations(content, name)
    return content


def refuse_declarations(xml: bytes, name: str) -> None:
    """Raise Unreadable for XML that declares a DTD or entities: no spreadsheet program writes any."""
    if _DECLARATION.search(xml):
        raise Unreadable("dangerous_xml", name)
