"""Personal data in a sheet: found by the heading it stands under and by what it looks like. Pure; places come back, no values.

Honest tables of figures give no alarm: money under its heading, counts under "NIK", decree numbers, dates, names of
offices, schools and villages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from kla.parsing.grid import Cell, Grid
from kla.personal import PersonalWords, folded, has_many_digits, is_from_a_regency, numbers_in, phones_in, plain

Place = tuple[int, int]
Found = Mapping[str, tuple[Place, ...]]  # kind (PERSONAL_KINDS) -> places (row, column from 0)

_DIGITS = re.compile(r"\d")
_TOLD_AGE = re.compile(r"\d\s*(?:th|tahun|bln|bulan)")
_NAMING = re.compile(r"nama|\ba\.?\s?n\b")
_LONGEST_HEADING = 40
_NEAR_COLUMNS = 3
_HEADING_ROWS = 3  # how many texts above a figure may be its heading
_MASKED_DIGITS = re.compile(r"[\dxX*#•.\- ]{12,24}")
_AGE = re.compile(
    r"\b([A-Z][a-z']+(?: [A-Z][a-z'.]+){0,3})\s*[(,/\-–]\s*(?:usia |umur )?\d{1,2}\s*(?:th|thn|tahun|bln|bulan)\b"
)
_NAMED_CHILD = re.compile(
    r"\b(?:anak|korban|siswa|siswi|balita|bayi)\s+(?:bernama|atas nama|a\.?\s?n\.?)\s+[A-Z][a-z']+"
)
_SEX = frozenset({"l", "p", "lk", "pr", "laki laki", "perempuan"})
_LEAST_ROWS = 3
_OLDEST_CHILD = 18
_FIRST_BIRTH = 2000
_SHORT = 200  # longer texts are hardly met again
_MOST_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class _Cells:
    """A sheet's filled cells: texts (plain) and numbers by place."""

    texts: dict[Place, str]
    numbers: dict[Place, float]
    dates: frozenset[Place]


def personal_places(grid: Grid, words: PersonalWords) -> Found:
    """Return where personal data stands in a sheet, by kind; nothing when there is none."""
    if not _may_hold(grid, words):
        return {}
    cells = _cells(grid)
    found: dict[str, set[Place]] = {"personal_number": set(), "personal_phone": set(), "personal_names": set()}
    for kind, place in (*_by_value(cells, words), *_by_heading(cells, words), *_unheaded_lists(cells, words)):
        found[kind].add(place)
    return {kind: tuple(sorted(places)) for kind, places in found.items() if places}


def _may_hold(grid: Grid, words: PersonalWords) -> bool:
    """Whether any content of a sheet calls for the look at its places; in most forms none does.

    The labels and questions are the same in every form, so a content is looked at once and not once per workbook.
    """
    fresh = grid.contents - words.harmless
    if any(_calls_for_a_look(content, words) for content in fresh):
        return True
    if len(words.harmless) + len(fresh) > _MOST_REMEMBERED:
        words.harmless.clear()
    words.harmless.update(content for content in fresh if not isinstance(content, str) or len(content) <= _SHORT)
    return False


def _calls_for_a_look(content: Cell, words: PersonalWords) -> bool:
    if isinstance(content, str):
        return _is_telling(content, words)
    if isinstance(content, int | float):
        return _may_be_sixteen_digits(content)
    return not isinstance(content, date) and _is_telling(str(content), words)


def _is_telling(content: str, words: PersonalWords) -> bool:
    """Whether a text holds, names or heads personal data, wherever it stands."""
    text = _text(content)
    if has_many_digits(text) or _is_of_children(text, words):
        return True
    return len(text) <= _LONGEST_HEADING and (folded(text) in words.headings or _may_be_listed(text, words))


def _cells(grid: Grid) -> _Cells:
    texts: dict[Place, str] = {}
    numbers: dict[Place, float] = {}
    dates: set[Place] = set()
    for row, column, content in grid.filled():
        if isinstance(content, bool):
            continue
        if isinstance(content, int | float):
            numbers[row, column] = content
        elif isinstance(content, date | datetime):
            dates.add((row, column))
        elif text := _text(content):
            texts[row, column] = text
    return _Cells(texts, numbers, frozenset(dates))


def _text(content: Cell) -> str:
    return plain(str(content)).strip()


def _by_value(cells: _Cells, words: PersonalWords) -> Iterator[tuple[str, Place]]:
    for place, text in cells.texts.items():
        if has_many_digits(text):
            if any(numbers_in(text, words)) and not (text.isdigit() and _is_figure(cells, place, text, words)):
                yield "personal_number", place
            if any(phones_in(text, words)):
                yield "personal_phone", place
        if _is_of_children(text, words):
            yield "personal_names", place
    for place, number in cells.numbers.items():
        digits = f"{int(number)}" if _may_be_sixteen_digits(number) else ""
        if digits and is_from_a_regency(digits, words) and not _is_figure(cells, place, digits, words):
            yield "personal_number", place


def _may_be_sixteen_digits(number: float) -> bool:
    return 1e15 <= number < 1e16


def _is_of_children(text: str, words: PersonalWords) -> bool:
    """Whether a text names children: "anak bernama ...", or names with their ages."""
    if _TOLD_AGE.search(text):
        aged = _AGE.findall(text)
        if len(aged) > 1 or any(_is_name(name, words) for name in aged):
            return True
    return bool(_NAMING.search(text) and _NAMED_CHILD.search(text))


def _is_figure(cells: _Cells, place: Place, digits: str, words: PersonalWords) -> bool:
    """Whether a bare number is a figure: under a heading of money; under one of figures, a year or none, beside a label
    of money; or under one of figures and not begun like a number of anybody's."""
    above = _headings_above(cells, place)
    if any(words.id_headings & {text} for text in above):
        return False
    if _speaks(words.money_words, above):
        return True
    is_of_figures = _speaks(words.figure_words, above)
    if above and not is_of_figures and not all(_DIGITS.search(text) for text in above):
        return False
    row, column = place
    first = (
        0 if above else max(0, column - _NEAR_COLUMNS)
    )  # far from its label, under nothing, it is no figure of that row
    beside = [folded(cells.texts[row, left]) for left in range(first, column) if (row, left) in cells.texts]
    return _speaks(words.money_words, beside) or (is_of_figures and not is_from_a_regency(digits, words))


def _speaks(of: frozenset[str], texts: list[str]) -> bool:
    return any(of.intersection(text.split()) for text in texts)


def _headings_above(cells: _Cells, place: Place) -> list[str]:
    """Return the nearest texts above a place that are no bare numbers, nearest first."""
    found: list[str] = []
    row, column = place
    while row > 0 and len(found) < _HEADING_ROWS:
        row -= 1
        text = cells.texts.get((row, column), "")
        if text and not text.replace(".", "").replace(",", "").isdigit() and not numbers_like(text):
            found.append(folded(text))
    return found


def numbers_like(text: str) -> bool:
    """Whether a text is nothing but a number of a person as people write it."""
    return bool(_MASKED_DIGITS.fullmatch(text))


def _by_heading(cells: _Cells, words: PersonalWords) -> Iterator[tuple[str, Place]]:
    known = words.headings
    headings = {
        place: heading
        for place, text in cells.texts.items()
        if len(text) <= _LONGEST_HEADING and (heading := folded(text)) in known
    }
    for place, heading in headings.items():
        below = list(_below(cells, place, headings))
        if heading in words.id_headings:
            yield from (("personal_number", at) for at, text in below if _has_digits(text, 12))
            yield from (("personal_number", at) for at, text in below if heading == "nisn" and _has_digits(text, 9, 10))
        elif heading in words.phone_headings:
            yield from (("personal_phone", at) for at, text in below if _is_mobile(text))
        elif heading in words.child_headings or _is_list_of_children(cells, place, words):
            yield from (("personal_names", at) for at, text in below if _looks_like_name(text, words))


def _below(cells: _Cells, place: Place, headings: Mapping[Place, str]) -> Iterator[tuple[Place, str]]:
    """Yield what stands below a heading, up to the next heading of that column, and beside one that stands alone."""
    row, column = place
    last = max((r for r, _ in (*cells.texts, *cells.numbers)), default=row)
    for below in range(row + 1, last + 1):
        if (below, column) in headings:
            return
        if text := _content(cells, (below, column)):
            yield (below, column), text
    for beside in (column + 1, column + 2):  # "NIK" | 6402... or "NIK" | ":" | 6402..., a form of one person
        text = _content(cells, (row, beside))
        if text.strip(": "):
            yield (row, beside), text
            return


def _content(cells: _Cells, place: Place) -> str:
    if place in cells.numbers:
        return f"{cells.numbers[place]:.0f}"
    return cells.texts.get(place, "")


def _has_digits(text: str, least: int, most: int = 24) -> bool:
    digits = sum(sign.isdigit() for sign in text)
    others = len(text) - digits
    return least <= digits <= most and others <= digits


def _is_mobile(text: str) -> bool:
    digits = "".join(sign for sign in text if sign.isdigit())
    return 9 <= len(digits) <= 14 and digits.lstrip("0").removeprefix("62").startswith("8")


def _is_list_of_children(cells: _Cells, place: Place, words: PersonalWords) -> bool:
    """Whether beside a heading "nama" stands what is told of children only, and nothing that is told of officials."""
    row, _ = place
    around = {
        folded(text) for (r, _), text in cells.texts.items() if abs(r - row) <= 1 and len(text) <= _LONGEST_HEADING
    }
    return bool(words.beside_headings & around) and not words.office_headings & around


def _looks_like_name(text: str, words: PersonalWords) -> bool:
    parts = folded(text).split()
    if not 1 <= len(parts) <= 6 or any(part.isdigit() for part in parts) or words.not_names.intersection(parts):
        return False
    return all(part.isalpha() for part in parts) and sum(map(len, parts)) >= 2


def _is_name(text: str, words: PersonalWords) -> bool:
    """Whether a text looks like a name and holds a given name that is often met."""
    return not words.given_names.isdisjoint(folded(text).split()) and _looks_like_name(text, words)


def _may_be_listed(text: str, words: PersonalWords) -> bool:
    return 3 <= len(text) <= _LONGEST_HEADING and not _DIGITS.search(text) and _is_name(text, words)


def _unheaded_lists(cells: _Cells, words: PersonalWords) -> Iterator[tuple[str, Place]]:
    """Yield names in columns that have no heading known here but ages, sexes or dates of birth beside them."""
    columns: dict[int, list[Place]] = {}
    for place, text in cells.texts.items():
        if _may_be_listed(text, words):
            columns.setdefault(place[1], []).append(place)
    for places in columns.values():
        if len(places) >= _LEAST_ROWS:
            told = [place for place in places if _is_beside_a_child(cells, place)]
            if len(told) >= _LEAST_ROWS and not _is_of_officials(cells, places[0], words):
                yield from (("personal_names", place) for place in places)


def _is_beside_a_child(cells: _Cells, place: Place) -> bool:
    row, column = place
    for beside in (column + 1, column + 2, column - 1):
        number = cells.numbers.get((row, beside))
        if beside > column and number is not None and 0 < number <= _OLDEST_CHILD:
            return True
        text = cells.texts.get((row, beside), "")
        if (row, beside) in cells.dates or folded(text) in _SEX or _AGE.search(f"Anak ({text})"):
            return True
    return False


def _is_of_officials(cells: _Cells, place: Place, words: PersonalWords) -> bool:
    first, _ = place
    near = {folded(text) for (row, _), text in cells.texts.items() if first - 3 <= row <= first and len(text) <= 40}
    return bool(words.office_headings & near)
