"""Small counts of children and cases, left out of what is published: with 1 to 4 of them somebody can be recognised.

Only what is shown changes; the warehouse keeps every figure, and points are computed from it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from kla.findings import Finding
from kla.instrument import Instrument
from kla.picture import AnswerLine, Attempt, Picture, RepairLine
from kla.submission import Repair

_SMALL = re.compile(r"(?<![\w.,/\-])([1-9])(?:,0+)?(?![\w.,\-]*\d)(?!\s*(?:tahun|bukti|hari|bulan|angka))(?!\w)")
_SHARE = re.compile(r"^(\S+)/(\S+) = .*$")


@dataclass(frozen=True, slots=True)
class SmallCounts:
    """What counts as small (1 to below `below`) and of what: questions whose label holds one of `words`."""

    is_hidden: bool
    below: int
    words: tuple[str, ...]
    shown_as: str  # such as "kurang dari 5"

    def concerns(self, instrument: Instrument, question_id: str) -> bool:
        """Whether the question asks for a count of children or cases."""
        if not instrument.has_question(question_id):
            return False
        label = instrument.question(question_id).label.casefold()
        return any(word in label for word in self.words)

    def hidden(self, text: str, label: str = "") -> str:
        """Return the text without small counts; `label`, the question's own words, stays as it is.

        >>> rule = SmallCounts(True, 5, (), "kurang dari 5")
        >>> rule.hidden("7 → 3"), rule.hidden("2/40 = 5,0 %"), rule.hidden("0 → 12")
        ('7 → kurang dari 5', 'kurang dari 5/40', '0 → 12')
        """
        parts = text.split(label) if label else [text]
        return label.join(self._without(part) for part in parts)

    def _without(self, text: str) -> str:
        share = _SHARE.match(text)
        if share and any(self._is_small(part) for part in share.groups()):
            return "/".join(self.shown_as if self._is_small(part) else part for part in share.groups())
        return _SMALL.sub(lambda found: self.shown_as if self._is_small(found[1]) else found[0], text)

    def _is_small(self, written: str) -> bool:
        return written.isdigit() and 0 < int(written) < self.below


def without_small_counts(picture: Picture, rule: SmallCounts) -> Picture:
    """Return the picture as it may be published; the same one where nothing is to be hidden."""
    if not rule.is_hidden:
        return picture
    hide = _Hiding(picture.instrument, rule)
    return replace(
        picture,
        answers=tuple(map(hide.answer, picture.answers)),
        findings=tuple(map(hide.finding, picture.findings)),
        attempts=tuple(map(hide.attempt, picture.attempts)),
        repairs=tuple(hide.repaired(line) for line in picture.repairs),
    )


class _Hiding:
    """Hides small counts in the parts of one picture."""

    def __init__(self, instrument: Instrument, rule: SmallCounts) -> None:
        self._instrument, self._rule = instrument, rule
        self._known: dict[str, bool] = {}

    def _concerns(self, question_id: str) -> bool:
        if question_id not in self._known:
            self._known[question_id] = self._rule.concerns(self._instrument, question_id)
        return self._known[question_id]

    def answer(self, line: AnswerLine) -> AnswerLine:
        if not line.opd_code or not line.answer or not self._concerns(line.question_id):
            return line  # stated points are no count
        return replace(line, answer=self._rule.hidden(line.answer))

    def finding(self, found: Finding) -> Finding:
        if not found.question_id or not self._concerns(found.question_id):
            return found
        label = self._instrument.question(found.question_id).label
        value, tell, fix = (self._rule.hidden(text, label) for text in (found.value, found.tell, found.fix))
        if (value, tell, fix) == (found.value, found.tell, found.fix):
            return found
        return replace(found, value=value, tell=tell, fix=fix)

    def attempt(self, one: Attempt) -> Attempt:
        return replace(
            one, findings=tuple(map(self.finding, one.findings)), repairs=tuple(map(self._repair, one.repairs))
        )

    def repaired(self, line: RepairLine) -> RepairLine:
        return replace(line, repair=self._repair(line.repair))

    def _repair(self, repair: Repair) -> Repair:
        if not repair.question_id or not self._concerns(repair.question_id):
            return repair
        return replace(
            repair, original=self._rule.hidden(repair.original.strip()), result=self._rule.hidden(repair.result)
        )
