"""Reads expectations/personal.yaml: headings, words and names by which personal data is recognised."""

from __future__ import annotations

from functools import cache

from kla.errors import RuleError
from kla.io import project
from kla.io.districts import regencies
from kla.io.yaml_text import plain
from kla.personal import PersonalWords, folded

_LISTS = (
    "id_headings",
    "phone_headings",
    "child_headings",
    "name_headings",
    "beside_headings",
    "office_headings",
    "money_words",
    "figure_words",
    "not_names",
)


@cache
def load_personal_words() -> PersonalWords:
    """Return the words (kept in memory).

    Raises:
        RuleError: the file lacks one of its lists.
    """
    found = plain(project.data("expectations") / "personal.yaml")
    try:
        lists = {key: frozenset(folded(str(word)) for word in found[key]) for key in _LISTS}
        return PersonalWords(
            regencies=frozenset(code.replace(".", "") for code in regencies()),
            phone_words=tuple(found["phone_words"]),
            public_numbers=frozenset(found["public_numbers"]),
            places={key: str(found["places"][key]) for key in ("sheet_name", "page", "text_box")},
            given_names=frozenset(found["given_names"].split()),
            **lists,
        )
    except KeyError as missing:
        raise RuleError("expectations/personal.yaml", f"there is no {missing}", "Add the list.") from missing
