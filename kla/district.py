"""Who takes part: a district, its offices, which questions they own, its calendar. Pure; read by kla.io.districts."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from kla.instrument import Instrument, Question


class OfficeKind(StrEnum):
    """What an office is to the district."""

    PERANGKAT_DAERAH = "perangkat_daerah"
    VERTIKAL = "vertikal"
    KECAMATAN = "kecamatan"
    FORUM = "forum"


@dataclass(frozen=True, slots=True)
class Office:
    """An office that answers. `code` is what the district itself writes (DP2KBP3A) and names its inbox folder.

    `serves` are the roles of the instrument (DP3A, DISDIK ...) this office fills; empty only where it owns
    its questions by the district's own assignment (District.owner_overrides).
    """

    code: str
    name: str
    kind: OfficeKind
    serves: tuple[str, ...]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Regency:
    """One of Indonesia's 514 kabupaten and kota. Codes are the Kemendagri ones, always text ("53.71")."""

    code: str
    name: str
    province_code: str
    province_name: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class StageWindow:
    """When one stage of one cycle is open; dates are local, inclusive: closing means 23:59:59 of `closes_on`."""

    stage: str
    opens_on: date
    closes_on: date
    vlh_on: date | None = None

    def closes_at(self, zone: ZoneInfo) -> datetime:
        """Return the last moment that is still on time."""
        return datetime.combine(self.closes_on, time(23, 59, 59), zone)


@dataclass(frozen=True)
class District:
    """One kabupaten or kota. `code` is the Kemendagri code, always text ("53.71").

    `calendar` maps cycle to its stage windows in order; `owner_overrides` maps question id to office codes, lead first;
    `without_roles` are roles of the instrument nobody fills here, said on purpose.
    """

    code: str
    name: str
    province_code: str
    province_name: str
    zone: ZoneInfo
    cycle: int
    target_predikat: str
    offices: tuple[Office, ...]
    owner_overrides: Mapping[str, tuple[str, ...]]
    without_roles: frozenset[str]
    calendar: Mapping[int, tuple[StageWindow, ...]]
    kecamatan_count: int
    desa_count: int
    coordinator: str = ""
    notes: tuple[str, ...] = ()

    def office(self, code: str) -> Office:
        """Return the office with exactly this code; KeyError when there is none."""
        return self._offices_by_code[code]

    def has_office(self, code: str) -> bool:
        """Whether the district has an office with exactly this code."""
        return code in self._offices_by_code

    def owners_of(self, question: Question) -> tuple[Office, ...]:
        """Return the offices that own a question, the lead first; empty when nobody does."""
        if question.question_id in self.owner_overrides:
            return tuple(self.office(code) for code in self.owner_overrides[question.question_id])
        return self._offices_of(question.owners)

    def offices_serving(self, role: str) -> Sequence[Office]:
        """Return the offices that fill a role, in the district's order."""
        return self._offices_by_role.get(role, ())

    def questions_for(self, office_code: str, instrument: Instrument) -> tuple[tuple[Question, bool], ...]:
        """Return (question, is_lead) for each question the office owns, in the order of the card."""
        owned = []
        for question in instrument.questions:
            codes = [office.code for office in self.owners_of(question)]
            if office_code in codes:
                owned.append((question, codes[0] == office_code))
        return tuple(owned)

    def expected_offices(self, instrument: Instrument) -> tuple[Office, ...]:
        """Return the offices that owe a form: those that own at least one question."""
        owing = {office.code for question in instrument.questions for office in self.owners_of(question)}
        return tuple(office for office in self.offices if office.code in owing)

    def windows(self, cycle: int | None = None) -> tuple[StageWindow, ...]:
        """Return the stage windows of a cycle (this district's current one by default); empty when none is set."""
        return self.calendar.get(self.cycle if cycle is None else cycle, ())

    @cached_property
    def _offices_by_code(self) -> Mapping[str, Office]:
        return {office.code: office for office in reversed(self.offices)}

    @cached_property
    def _offices_by_role(self) -> Mapping[str, Sequence[Office]]:
        """The offices that fill each role, in the district's order."""
        found: dict[str, list[Office]] = {}
        for office in self.offices:
            for role in dict.fromkeys(office.serves):
                found.setdefault(role, []).append(office)
        return found

    def _offices_of(self, roles: tuple[str, ...]) -> tuple[Office, ...]:
        """Return the offices that fill roles, in the order of the roles: worked out once for each such list of roles."""
        if roles not in self._found_for_roles:
            offices = (office for role in roles for office in self._offices_by_role.get(role, ()))
            self._found_for_roles[roles] = tuple({office.code: office for office in offices}.values())
        return self._found_for_roles[roles]

    @cached_property
    def _found_for_roles(self) -> dict[tuple[str, ...], tuple[Office, ...]]:
        return {}

    @cached_property
    def _offices_by_word(self) -> Mapping[str, Office]:
        """Offices by code, name and alias; then by role where one office alone fills it."""
        found = {office_key(word): office for office in self.offices for word in office_words(office)}
        for role in {role for office in self.offices for role in office.serves}:
            serving = [office for office in self.offices if role in office.serves]
            if len(serving) == 1:
                found.setdefault(office_key(role), serving[0])
        return found


def office_words(office: Office) -> tuple[str, ...]:
    """Return what an office is called: its code, its name, its aliases."""
    return (office.code, office.name, *office.aliases)


@lru_cache(maxsize=8192)  # what offices are called, time and again; the texts of a foreign file cannot fill a memory
def office_key(text: str) -> str:
    """Return a text as it is compared: NFKC, lower case, letters and digits only, `dan` written as `&` or left out alike.

    >>> office_key("Dinas P.U. & Perkim") == office_key("dinas PU  dan perkim")
    True
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = "".join(sign if sign.isalnum() else " " if sign.isspace() or sign in "/&-_,()" else "" for sign in folded)
    return "".join(word for word in words.split() if word != "dan")


def resolve_office(district: District, text: str) -> Office | None:
    """Return the office a text means, or None when it means none.

    Looked for as code, name or alias, then as a role of the instrument that one office alone fills. Case,
    punctuation and spacing do not matter; the district's own name at the end may be left out or given
    ("Dinkes Kab. Kaur").
    """
    key = office_key(text)
    known = district._offices_by_word
    if key in known:
        return known[key]
    full = office_key(district.name)
    bare = full.removeprefix("kabupaten").removeprefix("kota")
    for ending in (full, f"kab{bare}", bare):
        if key.endswith(ending) and key != ending and key.removesuffix(ending) in known:
            return known[key.removesuffix(ending)]
    return None
