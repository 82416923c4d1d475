"""What stewards decide about a recap's rows acts as it does on an office's answers: on Ogan Ilir's card."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest

from desk.main import app
from flows.nightly import nightly
from kla.findings import Finding
from kla.io.districts import load_district
from kla.io.instruments import load_instrument
from kla.io.warehouse import open_warehouse
from kla.scoring import Cause, QuestionScore
from kla.states import State
from tests.conftest import SampleNight

CODE, DAY = "16.10", "2024-06-15"
WHO = ("--who", "Wali data", "--as-of", DAY, "--later")
SENT_BACK, WAIVED, ACCEPTED = "1.P1", "19.P4", "2.P1"


@dataclass(frozen=True)
class Card:
    """The recap as it stands after a night."""

    findings: tuple[Finding, ...]
    states: dict[str, State]
    questions: dict[str, QuestionScore]
    total: Decimal


def card() -> Card:
    district, instrument = load_district(CODE), load_instrument(2024)
    with open_warehouse() as warehouse:
        sheet = warehouse.sheets(CODE, instrument, 2024)[0]
        states = warehouse.recap_states(district, 2024, "mandiri")
        return Card(
            warehouse.findings(CODE, 2024),
            {it.question_id: it.state for it in states},
            {it.question_id: it for it in sheet.questions},
            sheet.total.points,
        )


def kla(*arguments: str) -> None:
    with pytest.raises(SystemExit) as end:
        app(list(arguments))
    assert (end.value.code or 0) == 0, arguments


def decided(warning: Finding) -> None:
    kla("return", CODE, "rekap", SENT_BACK, "--reason", "Perda belum ditandatangani", *WHO)
    kla("accept", CODE, "rekap", ACCEPTED, *WHO)
    waiver = ("--until", "2024-06-30", "--requested-by", "Kepala Dinas", "--approved-by", "Sekda", "--reason", "uji")
    kla("waive", CODE, "A02", "--opd", "rekap", "--question", WAIVED, *waiver, "--as-of", DAY, "--later")
    place = f"{warning.sheet}!{warning.cell}"
    seen = ("--code", warning.code, "--cell", place, "--reason-code", "SESUAI_SUMBER")
    kla("acknowledge", CODE, "--opd", "rekap", *seen, *WHO)


@pytest.fixture(scope="module")
def cards(sample_night: SampleNight, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Card, Card]]:
    """The card before the decisions and after the night that acted on them."""
    var = tmp_path_factory.mktemp("recap") / "var"
    shutil.copytree(sample_night.var, var)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KLA_VAR", str(var))
        before = card()
        decided(next(it for it in before.findings if it.severity == "warning" and it.cell))
        assert not nightly(districts=[CODE], as_of=DAY, who="uji").troubles
        yield before, card()


def test_a_row_sent_back_does_not_count_and_says_why(cards: tuple[Card, Card]) -> None:
    before, after = cards
    assert before.questions[SENT_BACK].points > 0
    assert (after.questions[SENT_BACK].points, after.questions[SENT_BACK].cause) == (0, Cause.ANSWER_RETURNED)
    (told,) = [it for it in after.findings if it.code == "W90"]
    assert (told.question_id, told.opd_code, told.frame) == (SENT_BACK, "", "stated")
    assert "Perda belum ditandatangani" in told.tell
    assert (before.states[SENT_BACK], after.states[SENT_BACK]) == (State.RECEIVED, State.RETURNED)


def test_a_waived_rule_lets_the_row_load(cards: tuple[Card, Card]) -> None:
    before, after = cards
    assert before.questions[WAIVED].cause is Cause.ANSWER_RETURNED
    assert after.questions[WAIVED].points == after.questions[WAIVED].max_points
    (told,) = [it for it in after.findings if (it.code, it.question_id) == ("A02", WAIVED)]
    assert told.status == "waived"


def test_a_warning_about_the_recap_can_be_confirmed_and_a_row_accepted(cards: tuple[Card, Card]) -> None:
    before, after = cards
    assert {it.status for it in before.findings} == {"open"}
    assert [it.status for it in after.findings].count("acknowledged") == 1
    assert after.states[ACCEPTED] is State.ACCEPTED


def test_no_other_row_of_the_card_changes(cards: tuple[Card, Card]) -> None:
    before, after = cards
    own = {SENT_BACK, WAIVED}
    assert {key: one for key, one in before.questions.items() if key not in own} == {
        key: one for key, one in after.questions.items() if key not in own
    }
    gained = after.questions[WAIVED].points - before.questions[SENT_BACK].points
    assert (before.total, after.total) == (Decimal("765.81"), Decimal("765.81") + gained)
