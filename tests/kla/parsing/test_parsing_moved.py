"""A form that was moved about gives the same answers, or says what is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from small_form import CHOICE, Rows, facts, form, kinds, read


def insert_rows(rows: Rows) -> None:
    rows["Klaster III"][:0] = [["Dinas Kesehatan"], ["Tahun 2024"]]
    rows["Klaster III"].insert(9, [])


def insert_column(rows: Rows) -> None:
    for row in rows["Klaster III"]:
        if len(row) > 3:
            row.insert(3, None)


def insert_first_column(rows: Rows) -> None:
    for sheet in ("Klaster III", "Data Dukung"):
        rows[sheet] = [[None, *row] for row in rows[sheet]]


def note_in_an_inserted_column(rows: Rows) -> None:
    for number, row in enumerate(rows["Klaster III"]):
        row.insert(2, f"catatan {number}" if number > 3 else None)


def rename_sheet(rows: Rows) -> None:
    rows["Kesehatan (final)"] = rows.pop("Klaster III")


def rename_seal(rows: Rows) -> None:
    rows["Sheet9"] = rows.pop("_kla")


def move_table_below_the_other(rows: Rows) -> None:
    rows["Data Dukung"] += [[], [], *rows.pop("Klaster III")]


def move_table_beside_the_other(rows: Rows) -> None:
    left, right = rows.pop("Klaster III"), rows["Data Dukung"]
    height = max(len(left), len(right))
    padded = [(left[i] if i < len(left) else []) for i in range(height)]
    rows["Data Dukung"] = [
        row + [None] * (14 - len(row)) + (right[i] if i < len(right) else []) for i, row in enumerate(padded)
    ]


def swap_columns(rows: Rows) -> None:
    for row in rows["Klaster III"][3:9]:
        row += [None] * (12 - len(row))
        row[2], row[6] = row[6], row[2]


def lose_the_machine_keys(rows: Rows) -> None:
    del rows["Klaster III"][3]


def lose_one_machine_key(rows: Rows) -> None:
    rows["Klaster III"][3][6] = None


def lose_the_start(rows: Rows) -> None:
    rows["Klaster III"][2] = []


def lose_the_end(rows: Rows) -> None:
    rows["Klaster III"].pop()


def lose_all_tags_and_keys(rows: Rows) -> None:
    rows["Klaster III"] = list(rows["Klaster III"][4:-1])


def mangle_ids(rows: Rows) -> None:
    rows["Klaster III"][6][1] = f" {CHOICE.lower()} "
    rows["Klaster III"][7][1] = "14 P10"
    rows["Klaster III"][8][1] = "15.P1\u00a0"


def repeat_the_header(rows: Rows) -> None:
    rows["Klaster III"].insert(8, list(rows["Klaster III"][4]))


MUTATIONS: list[tuple[Callable[[Rows], None], list[str]]] = [
    (insert_rows, []),
    (insert_column, []),
    (insert_first_column, []),
    (note_in_an_inserted_column, []),
    (rename_sheet, []),
    (rename_seal, []),
    (move_table_below_the_other, []),
    (move_table_beside_the_other, []),
    (swap_columns, []),
    (lose_the_machine_keys, ["machine_keys_missing"]),
    (lose_one_machine_key, []),
    (lose_the_start, ["tags_missing"]),
    (lose_the_end, ["tags_missing"]),
    (lose_all_tags_and_keys, ["machine_keys_missing", "tags_missing"]),
    (mangle_ids, []),
    (repeat_the_header, []),
]


@pytest.mark.parametrize(("mutate", "expected"), MUTATIONS, ids=lambda part: getattr(part, "__name__", ""))
def test_a_form_that_was_moved_about_gives_the_same_answers(
    mutate: Callable[[Rows], None], expected: list[str]
) -> None:
    original, rows = read(form()), form()
    mutate(rows)
    reading = read(rows)
    assert [facts(row) for row in reading.answers] == [facts(row) for row in original.answers]
    assert [(row.question_id, row.title, row.dated_on) for row in reading.evidence] == [
        (row.question_id, row.title, row.dated_on) for row in original.evidence
    ]
    assert kinds(reading) == expected
