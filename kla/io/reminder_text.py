"""Writes a reminder as plain text in Bahasa Indonesia: reports/reminder.id.yaml filled, workbook text made harmless."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal

from kla.io.contacts import Contact
from kla.io.holidays import load_holidays
from kla.io.letter_words import action_word, cause_words
from kla.io.letter_words import entry as _entry
from kla.io.letter_words import say as _say
from kla.letters import Item, Note
from kla.reminders import Digest, Level, Reminder
from kla.wording import ZONE_NAMES, date_text, points_text

FILE = "reminder.id.yaml"
# Signs with which Markdown, HTML, WhatsApp or Telegram begin markup, a mention or a link, and what is shown instead.
_HARMLESS = str.maketrans(
    {"*": "∗", "_": " ", "~": "∼", "`": "'", "<": "‹", ">": "›", "[": "(", "]": ")", "@": "(at)", "|": "/", "#": "no."}
)
_LINK = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*):(?=/)|:(?=//)|\b(www)\.")
_LONG_NUMBER = re.compile(r"\d[\d .-]{6,}\d")
LONGEST = 200


def say(key: str, **fields: object) -> str:
    """Return the text under a dotted key of reports/reminder.id.yaml, filled."""
    return _say(key, FILE, **fields)


def harmless(text: str) -> str:
    """Return workbook text on one line that no channel takes for markup, link or mention; long numbers are withheld.

    >>> harmless("<b>*Segera*</b> buka http://x.y, NIK 3201010101010001")
    '‹b›∗Segera∗‹/b› buka http //x.y, NIK …'
    """
    plain = "".join(sign if unicodedata.category(sign)[0] != "C" else " " for sign in text)
    plain = _LINK.sub(lambda found: f"{found[1] or found[2] or ''} ", plain)
    plain = " ".join(_LONG_NUMBER.sub("…", plain).translate(_HARMLESS).split())
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"


def title_of(reminder: Reminder) -> str:
    """Return the subject line."""
    return say(
        f"title.{reminder.level}",
        cycle=reminder.cycle,
        mark=f"H-{reminder.mark}",
        office=reminder.opd_code,
        district=reminder.district.name,
        count=len(reminder.digests),
    )


def body_of(reminder: Reminder, contact: Contact | None) -> str:
    """Return the text: to whom, until when, what is missing; an office reads of nobody else."""
    lines = [_to(reminder, contact), "", _milestone(reminder), ""]
    if reminder.level is Level.OFFICE:
        lines += _office_lines(reminder.digests[0])
    else:
        lines += _above_lines(reminder.digests)
    return "\n".join(lines) + "\n"


def _to(reminder: Reminder, contact: Contact | None) -> str:
    role = contact.role if contact else say(f"role.{reminder.level}")
    name = reminder.digests[0].letter.office.name if reminder.level is Level.OFFICE else ""
    return say(f"to.{reminder.level}", role=f"{role}, " if role and name else role, office=name)


def _milestone(reminder: Reminder) -> str:
    working = len(load_holidays().working_days(reminder.as_of, reminder.deadline_on))
    left = say("left.days", days=reminder.days_left, working=working) if reminder.days_left else say("left.today")
    noon = datetime.combine(reminder.deadline_on, time(12), reminder.district.zone)
    return say(
        "milestone",
        stage=_say(f"stage.{reminder.stage}"),
        district=reminder.district.name,
        deadline=date_text(reminder.deadline_on),
        zone=ZONE_NAMES[noon.utcoffset() or timedelta()],
        left=left,
    )


def _office_lines(digest: Digest) -> list[str]:
    letter, code = digest.letter, digest.opd_code
    lines = [say("office.lead", office=letter.office.name)]
    if digest.is_awaited:
        lines.append(say("office.mend" if digest.has_sent else "office.awaited"))
    if letter.owed:
        lines += ["", say("office.questions", count=len(letter.owed), points=points_text(letter.owed_points))]
        lines += _several([_question(item) for item in letter.owed])
    if letter.notes:
        lines += ["", say("office.notes", count=len(letter.notes))]
        lines += _several([_note(note) for note in letter.notes])
    return [*lines, "", say("office.where", code=code), say("office.end", code=code)]


def _above_lines(digests: Sequence[Digest]) -> list[str]:
    total = sum((digest.points for digest in digests), Decimal(0))
    ordered = sorted(digests, key=lambda it: (-it.points, it.opd_code))
    lead = say("above.lead", count=len(digests), points=points_text(total))
    return [lead, *(_above_line(digest) for digest in ordered), "", say("above.end")]


def _above_line(digest: Digest) -> str:
    return say(
        "above.line",
        code=digest.opd_code,
        awaited=say("above.awaited") if digest.is_awaited else "",
        questions=len(digest.letter.owed),
        points=points_text(digest.points),
        notes=len(digest.letter.notes),
    )


def _several(lines: list[str]) -> list[str]:
    most = int(str(_entry("shown", FILE)))
    return lines if len(lines) <= most else [*lines[:most], say("office.more", count=len(lines) - most)]


def _question(item: Item) -> str:
    return say(
        "office.question",
        question=item.question_id,
        label=item.label,
        cause=cause_words(item.cause, item.is_verifiers).label.lower(),
        action=action_word(item.action),
        points=points_text(item.lost_points),
    )


def _note(note: Note) -> str:
    fix = say("office.across") if note.is_across else harmless(note.fix)
    return say("office.note", code=note.code, place=harmless(note.place) or say("office.whole"), fix=fix)
