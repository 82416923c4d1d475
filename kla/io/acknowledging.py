"""Reads back a findings.xlsx in which somebody gave reasons: which finding, which reason, in whose words.

The file comes from outside and is opened in a child process with limits, like every other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from pathlib import Path

from pebble import ProcessExpired

from kla.findings import Finding
from kla.io.decision_words import decision_words
from kla.io.page_words import word
from kla.values import clean

KEY_HEADING = "#KLA:TEMUAN"  # heads the hidden column; found by searching, wherever it was moved
FILE_SECONDS = 20.0
_KEY_DIGITS = 24


class NoReasonsError(Exception):
    """The file cannot be used; the message is an Indonesian sentence for whoever sent it."""


@dataclass(frozen=True, slots=True)
class GivenReason:
    """One row in which a reason or a remark was given.

    `key` says which finding is meant (`identity`), `code`, `opd_code`, `sheet` and `cell` are as the row shows them.
    `reason_code` is a key of reports/decisions.id.yaml, "" where `written` is none (neither code nor label).
    """

    sheet_row: int
    key: str
    code: str
    opd_code: str
    sheet: str
    cell: str
    question_id: str
    reason_code: str
    written: str
    note: str


def identity(finding: Finding) -> str:
    """Return what tells a finding in a list that is sent back: the same rule, office, place and value.

    Which version of the file it was found in does not count; once the value changed it is another finding.
    """
    facts = (
        finding.district_code,
        finding.cycle,
        finding.stage,
        finding.opd_code,
        finding.code,
        finding.sheet,
        finding.cell,
        finding.question_id,
        finding.value,
    )
    text = json.dumps(facts, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:_KEY_DIGITS]


def read_reasons(path: Path) -> tuple[GivenReason, ...]:
    """Return the rows of a findings.xlsx in which a reason or a remark was given, in the order of the sheet.

    Raises:
        NoReasonsError: the file cannot be read, or is no findings.xlsx of ours.
    """
    from kla.io.reading import limited_pool

    # Nothing but texts comes back from the child.
    try:
        with limited_pool(1, {}) as pool:
            rows = pool.schedule(listed_rows, args=(str(path),), timeout=FILE_SECONDS).result()
    except (FutureTimeoutError, ProcessExpired, BrokenExecutor, MemoryError):
        raise NoReasonsError(word("reasons_file.unreadable", file=path.name)) from None
    except Exception:  # noqa: BLE001 - whatever a foreign file raised in its child
        raise NoReasonsError(word("reasons_file.unreadable", file=path.name)) from None
    if rows is None:
        raise NoReasonsError(word("reasons_file.not_ours", file=path.name))
    labels = {clean(text).casefold(): code for code, text in decision_words().reasons.items()}
    codes = {code.casefold(): code for code in decision_words().reasons}
    return tuple(_given(number, row, codes | labels) for number, row in rows)


def _given(number: int, row: Sequence[str], known: dict[str, str]) -> GivenReason:
    key, code, opd_code, sheet, cell, question_id, written, note = row
    reason = known.get(clean(written).casefold(), "")
    return GivenReason(number, key, code, opd_code, sheet, cell, question_id, reason, written, note)


def listed_rows(path: str) -> list[tuple[int, tuple[str, ...]]] | None:
    """Return (row of the sheet, texts) of each row with a key and a reason or remark; None where no sheet is ours.

    Runs in a child process. The texts: key, code, office, sheet, cell, question, reason, remark.
    """
    from python_calamine import CalamineWorkbook, SheetTypeEnum

    from kla.io.detect import inspect

    inspect(Path(path))
    wanted = [word(f"xlsx.findings.{name}") for name in _SHOWN]
    with CalamineWorkbook.from_path(path) as workbook:
        for sheet in workbook.sheets_metadata:
            if sheet.typ is not SheetTypeEnum.WorkSheet:
                continue
            rows = workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
            found = _rows([[_text(value) for value in row] for row in rows], wanted)
            if found is not None:
                return found
    return None


_SHOWN = ("code", "opd", "worksheet", "cell", "question", "reason", "note")


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _rows(rows: Sequence[Sequence[str]], wanted: Sequence[str]) -> list[tuple[int, tuple[str, ...]]] | None:
    head = next((number for number, row in enumerate(rows) if KEY_HEADING in row), None)
    if head is None:
        return None
    heading = [clean(text).casefold() for text in rows[head]]
    places = [heading.index(name) if (name := clean(text).casefold()) in heading else -1 for text in wanted]
    if places[-2] < 0:
        return None
    columns = [list(rows[head]).index(KEY_HEADING), *places]
    given = []
    for number, row in enumerate(rows[head + 1 :], head + 2):
        texts = tuple(row[at].strip() if 0 <= at < len(row) else "" for at in columns)
        if texts[0] and (texts[-2] or texts[-1]):
            given.append((number, texts))
    return given
