"""Writes the letters: one .docx per office from the district's own or the default template, and a short WhatsApp text."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from zipfile import BadZipFile

from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment

from kla.errors import SettingsError
from kla.io import project
from kla.io.contacts import Contact, load_contacts
from kla.io.letter_template import steady_docx, template_bytes
from kla.io.letter_words import action_word, cause_words, entry, items, say
from kla.io.steady_xlsx import write_bytes
from kla.io.word_file import filled
from kla.letters import Item, Kind, Letter, Note
from kla.reminders import Level
from kla.wording import date_text, points_text

OWN_TEMPLATE = "surat.docx"
_NOT_IN_XML = re.compile("[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+")
_UNSAFE_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def template_for(district_code: str) -> tuple[bytes, str]:
    """Return the template in force and what to call it: districts/<code>/surat.docx where there is one, else the default."""
    own = project.data("districts") / district_code / OWN_TEMPLATE
    if own.is_file():
        return own.read_bytes(), f"districts/{district_code}/{OWN_TEMPLATE}"
    return template_bytes(), "reports/letter.id.yaml, template"


def write_letters(letters: Sequence[Letter], folder: Path) -> int:
    """Write <nn>-<office>.docx and .txt of each letter into a folder, beside whatever lies there; return how many letters.

    Nothing is written unless all can be.

    Raises:
        SettingsError: the district's template is no Word document, or asks for something a letter does not have.
    """
    files = {}
    for letter in letters:
        name = f"{letter.number:02d}-{_UNSAFE_NAME.sub('_', letter.office.code)}"
        template, where = template_for(letter.district.code)
        files[f"{name}.docx"] = letter_docx(letter, template, where)
        files[f"{name}.txt"] = whatsapp_text(letter).encode("utf-8")
    for name, content in files.items():
        write_bytes(folder / name, content)
    return len(letters)


def letter_docx(letter: Letter, template: bytes, where: str) -> bytes:
    """Return a letter as .docx; the same letter and template give the same bytes.

    What workbooks hold is text, never markup and never a placeholder; the template itself runs in a sandbox.

    Raises:
        SettingsError: see `write_letters`; `where` is what the template is called.
    """
    environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    try:
        document = DocxTemplate(io.BytesIO(template))
        document.render(fields_of(letter), environment, autoescape=True)
    except (TemplateError, SecurityError) as fault:
        remedy = "Correct it in Word, or begin anew with `kla letters --template`."
        raise SettingsError(where, f"the template cannot be filled: {fault}", remedy) from fault
    except (BadZipFile, PackageNotFoundError, KeyError, ValueError) as fault:
        raise SettingsError(where, f"is no Word document: {fault}", "Save it as .docx.") from fault
    return steady_docx(document.docx, letter.as_of)


def fields_of(letter: Letter) -> dict[str, object]:
    """Return what a template may use, by the names it uses; all of it plain text or lists of plain texts."""
    kind = letter.kind.value
    district = letter.district.name
    sender = say("values.sender")
    contacts = load_contacts(letter.district)
    return {
        "daerah": district,
        "daerah_kapital": district.upper(),
        "pengirim": sender,
        "pengirim_kapital": sender.upper(),
        "tanggal": date_text(letter.as_of),
        "nomor": number_of(letter),
        "sifat": say(f"values.sifat.{kind}"),
        "lampiran": say(f"values.lampiran.{kind}"),
        "hal": say(f"values.hal.{kind}", cycle=letter.cycle),
        "tembusan": _copies(district),
        "opd_nama": _plain(letter.office.name),
        "opd_kode": _plain(letter.office.code),
        "up": _role(contacts.of(Level.OFFICE, letter.office.code)),
        "narahubung": _role(contacts.coordinator),
        "siklus": str(letter.cycle),
        "tahap": say(f"stage.{letter.stage}"),
        "bersih": letter.kind is Kind.CLEAR,
        "lengkap": letter.kind is Kind.RAISE,
        "target": letter.target_predikat,
        "ke_target": _to_target(letter),
        "jumlah_naik": str(len(letter.raisable)),
        "poin_naik": points_text(letter.raisable_points),
        "jumlah_kurang": str(len(letter.owed)),
        "poin_kurang": points_text(letter.owed_points),
        "jumlah_temuan": str(len(letter.notes)),
        "tenggat": deadline_of(letter),
        "sisa": _days_left(letter),
        "kurang": [_item(item) for item in letter.owed],
        "temuan": [_note(note) for note in letter.notes],
        "dapat_naik": [_item(item) for item in letter.raisable],
    }


def _role(contact: Contact | None) -> str:
    return _plain(contact.role) if contact else ""


def whatsapp_text(letter: Letter) -> str:
    """Return a few lines to send by WhatsApp; its own signs in what is filled in are taken out."""
    items = letter.owed or letter.raisable
    shown = int(say("whatsapp.shown"))
    lines = [_whatsapp_line(item) for item in items[:shown]]
    if len(items) > shown:
        lines.append(say("whatsapp.more", count=len(items) - shown))
    return say(
        f"whatsapp.{letter.kind.value}",
        district=letter.district.name,
        cycle=letter.cycle,
        office=re.sub(r"[*_~`]", " ", _plain(letter.office.name)),
        code=letter.office.code.replace("_", " "),
        as_of=date_text(letter.as_of),
        stage=say(f"stage.{letter.stage}"),
        count=len(items),
        points=points_text(letter.owed_points if letter.owed else letter.raisable_points),
        notes=len(letter.notes),
        to_target=_to_target(letter),
        deadline=deadline_of(letter),
        number=number_of(letter),
        lines="\n".join(lines),
    )


def _whatsapp_line(item: Item) -> str:
    cause, action = cause_words(item.cause, item.is_verifiers).label, action_word(item.action)
    return say(
        "whatsapp.line", question=item.question_id, cause=cause, action=action, points=points_text(item.lost_points)
    )


def _to_target(letter: Letter) -> str:
    key = "values.to_target" if letter.points_to_target else "values.reached"
    return say(key, predikat=letter.target_predikat, points=points_text(letter.points_to_target))


def number_of(letter: Letter) -> str:
    """Return the letter's number: its place among the district's letters and the year it is written in."""
    return say("values.nomor", number=letter.number, year=letter.as_of.year)


def deadline_of(letter: Letter) -> str:
    """Return the last day in words."""
    return _day(letter.deadline_on)


def _day(day: date | None) -> str:
    return date_text(day) if day else say("values.no_deadline")


def _days_left(letter: Letter) -> str:
    if letter.days_left is None:
        return ""
    if letter.days_left == 0:
        return say("values.days_today")
    return say("values.days_left" if letter.days_left > 0 else "values.days_over", days=abs(letter.days_left))


def _copies(district: str) -> list[str]:
    """Return who gets a copy: the head of the district by the title the kind of district gives."""
    kind, _, name = district.partition(" ")
    leaders = entry("values.leader")
    leader = str(leaders.get(kind, kind)) if isinstance(leaders, Mapping) else kind
    where = "reports/letter.id.yaml, values.tembusan"
    return [filled(text, where, leader=leader, name=name, district=district) for text in items("values.tembusan")]


def _item(item: Item) -> dict[str, str]:
    words = cause_words(item.cause, item.is_verifiers)
    return {
        "kode": item.question_id,
        "pertanyaan": _plain(item.label),
        "nomor_indikator": item.indicator_number,
        "indikator": _plain(item.indicator_name),
        "sebab": words.label,
        "tindakan": action_word(item.action).capitalize(),
        "anjuran": words.remedy,
        "poin": points_text(item.lost_points),
    }


def _note(note: Note) -> dict[str, str]:
    told = say("values.across_tell") if note.is_across else _plain(note.tell)
    if note.lead_name:
        told = f"{told} ({say('values.lead_other', name=_plain(note.lead_name))})"
    return {
        "kode": note.code,
        "pertanyaan": note.question_id,
        "letak": _plain(note.place) or say("values.whole_file"),
        "sifat": say(f"values.severity.{note.severity.value}"),
        "temuan": told,
        "perbaikan": say("values.across_fix") if note.is_across else _plain(note.fix),
    }


def _plain(text: str) -> str:
    """Return a text without what XML cannot hold and Word would take for a break."""
    return " ".join(_NOT_IN_XML.sub(" ", text).split())
