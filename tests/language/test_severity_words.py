"""A finding's severity has one name, wherever an office or a steward reads it."""

from __future__ import annotations

import pytest

from kla.findings import Severity
from kla.io import project
from kla.io.page_words import word
from kla.io.yaml_text import plain


def names(text: str, *path: str) -> dict[str, str]:
    found = plain(project.data("reports") / text)
    for key in path:
        found = found[key]
    return {key: str(one["name"] if isinstance(one, dict) else one).casefold() for key, one in found.items()}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("return.id.yaml", ("severity",)),
        ("letter.id.yaml", ("values", "severity")),
        ("data_docs.id.yaml", ("severities",)),
    ],
)
def test_every_output_names_severities_as_the_reports_do(text: str, path: tuple[str, ...]) -> None:
    reports = {severity.value: word(f"severity.{severity}.name").casefold() for severity in Severity}
    assert names(text, *path) == reports
