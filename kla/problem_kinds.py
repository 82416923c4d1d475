"""Every kind of Problem the reader can yield; expectations/problems.yaml holds one rule per kind."""

from __future__ import annotations

from collections.abc import Mapping

# "Nothing read": the reading has no rows.
PROBLEM_KINDS: Mapping[str, str] = {
    # The file as a whole, nothing read.
    "encrypted": "Nothing read: protected by a password.",
    "not_a_workbook": "Nothing read: not a workbook by its content. value: what it looks like (pdf, zip, text, empty ...).",
    "damaged": "Nothing read: cut off or broken, no reader can open it. value: the part that is broken, or empty.",
    "too_large": "Nothing read: more bytes than allowed. value: megabytes, expected: the limit in megabytes.",
    "unpacks_too_large": "Nothing read: unpacks to more than allowed. value: what was measured, expected: its limit.",
    "too_many_cells": "Nothing read: the cells with values span too wide an area. sheet; value: the area, expected: limit.",
    "dangerous_xml": "Nothing read: a DTD or entity where none belongs. value: the part of the archive.",
    "timeout": "Nothing read: reading took longer than allowed. expected: the limit in seconds.",
    "reader_died": "Nothing read: the reading process died or ran out of memory. value: the error's kind, if known.",
    "not_our_form": "Nothing read: a workbook, but neither the form nor a recap.",
    "unknown_office": 'The folder is no office of the district; read. value: its name, "." for none, expected: nearest code.',
    # The file as a whole, read all the same.
    "legacy_format": "No trust: xls, xlsb or ods; errors and hidden rows in it go unseen. value: format.",
    "legacy_recap": "Read: a recap as xls, xlsb or ods; errors and hidden rows go unseen. value: format.",
    "wrong_layout": "Read: a form in a recap folder or the reverse. value: layout found, expected: layout of the folder.",
    "strict_ooxml": "Read: saved as Strict Open XML.",
    "macro": "Read without running it: the workbook carries macros.",
    "external_link": "Read without following them: links to other workbooks. value: how many.",
    "lying_dimension": "Read in full: the sheet declares a smaller area than it has. sheet; value: declared, expected: real.",
    "readers_disagree": "Two ways of counting the cells differ. sheet; value: cells read, expected: cells counted in the file.",
    "hidden_sheet": "Read: a sheet not ours is hidden and holds values. sheet; value: its number of filled cells.",
    "hidden_rows": "Read: hidden rows hold values. sheet, cell: the first of them; value: how many rows.",
    "unknown_sheet_data": "Not read: a sheet not of the form holds values. sheet; value: its number of filled cells.",
    # Personal data. The sheet is withheld, nothing of it is read. cell: the first; value: how many, expected: where.
    "personal_number": "A number built like a NIK or KK, or standing under such a heading.",
    "personal_phone": "A mobile telephone number.",
    "personal_names": "Names of children, by their heading or by ages and dates of birth beside them.",
    "personal_beside": "Such a number outside the cells. expected: the sheet's name, page, text box.",
    "personal_cached": "Such a number outside the sheets: nothing is withheld. value: how many.",
    "personal_in_name": "Such a number in the name of the file or its folder, where it is masked.",
    "over_quota": "Left in its folder, never read: more than is taken in from one folder. expected: the limit.",
    # The form as a form.
    "seal_missing": "The hidden identity sheet is gone or empty.",
    "seal_broken": "The seal's checksum does not fit its own fields. sheet; value: the checksum found.",
    "tags_missing": "A table's START or END mark is gone; read by its headers. sheet; value: the table (answers, evidence).",
    "machine_keys_missing": "The hidden row of machine keys is gone; visible headers were used. sheet, cell of the header row.",
    "column_missing": "A column of a table cannot be found. sheet; value: machine key, expected: its visible header.",
    "header_misspelt": "A column was read by a header that is nearly right. value: the text, expected: the header meant.",
    "header_unclear": "A column was not read: its header is only near a known one. value: the text, expected: the field.",
    "duplicate_table": "The same table stands twice; all copies are read. sheet, cell; value: the table.",
    "row_without_question": "Not read: filled cells in a row whose question id is empty. sheet, cell; value: text found.",
    "question_id_not_understood": "The question id is not one; row not read. sheet, cell; value: text found.",
    # One cell. question_id is that of the row, expected names the field unless said otherwise.
    "error_cell": "The cell holds an Excel error. value: #DIV/0! ...; expected: field, empty outside our tables.",
    "formula_uncached": "The cell holds a formula without a stored result. value: the formula; expected: as above.",
    "number_not_understood": "Not a number. value: text as written.",
    "number_ambiguous": "A number that can be read two ways (1.234). value: text as written.",
    "nil_without_reason": "Nil (nihil, -) was read as 0 and the row's note gives no reason. value: text as written.",
    "date_not_understood": "Neither a date nor a year. value: text as written.",
    "level_not_in_list": "The answer is no level of the question's scale. value: text as written, expected: the labels.",
    "unknown_evidence_kind": "The kind of data dukung is not in the list. value: text as written, expected: the labels.",
    "repair_rejected": "A steward rejected what the reader made of it; not read. value: text as written.",
    "late_admitted": "Came after its stage had closed, within a slot or window. value: until when it was open, expected: why.",
    "returned_by_steward": "A steward sent the answer back. value: the answer as written, expected: the steward's reason.",
    # A file of data dukung beside the form. cell: of its link; value: its name.
    "attachment_encrypted": "A PDF that opens only with a password.",
    "attachment_unreadable": "Named .pdf but no PDF, or one that is broken.",
    "attachment_missing": "Named in the form, not among the files delivered with it.",
    "attachment_too_large": "Larger than is looked into. expected: the limit.",
    # A recap.
    "recap_row_not_understood": "Not read: a row with figures whose key is unknown. sheet, cell; value: its label.",
    "points_of_other_stage": "The column of points names other stages only. value: its header, expected: the folder's stage.",
}
