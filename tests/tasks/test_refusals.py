"""What a night says of a refused file is the finding that refused it, not one a steward has waived."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from kla.findings import CheckedFile, Finding, Outcome, Severity
from kla.io.child import Errand, nothing_read
from kla.submission import Layout, Problem, Receipt
from tasks.load import _refusal

RECEIPT = Receipt(
    "a" * 64, "63.10", "DINKES", "DINKES", "", None, Layout.FORM, "x.xlsx", "", 1, datetime(2024, 5, 1, tzinfo=UTC)
)


def finding(code: str, **changes: object) -> Finding:
    place = {"sheet": "", "cell": "", "question_id": "", "value": "", "frame": "files", "row_key": ""}
    whose = {"district_code": "63.10", "opd_code": "DINKES", "cycle": 2024, "stage": "mandiri", "file_name": "x.xlsx"}
    told = {"tell": f"Temuan {code}.", "fix": "Perbaiki."}
    found = Finding(code, Severity.BLOCKING, RECEIPT.sha256, **whose, **place, **told)  # type: ignore[arg-type]
    return replace(found, **changes)  # type: ignore[arg-type]


def test_a_waived_finding_is_not_what_refused_the_file() -> None:
    reading = nothing_read(Errand("a" * 64, "", Layout.FORM, None, ""), Problem("encrypted"))
    findings = (finding("W25", status="waived", decision_id="d"), finding("F01"))
    told = _refusal(CheckedFile(RECEIPT, reading, findings, Outcome.REFUSED))
    assert "F01" in told.what
    assert "W25" not in told.what
