"""Builds a District from what its files say, and refuses what does not hold together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from zoneinfo import ZoneInfo

from kla.district import District, Office, OfficeKind, Regency, StageWindow, office_key, office_words
from kla.errors import DistrictError, InstrumentError
from kla.instrument import Instrument
from kla.io.instruments import available_cycles, load_instrument
from kla.io.yaml_text import Fields, Value, near

ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
_KEYS = (
    "code",
    "name",
    "province",
    "zone",
    "cycle",
    "target_predikat",
    "kecamatan_count",
    "desa_count",
    "coordinator",
    "without_roles",
    "notes",
)
_OFFICE_KEYS = ("code", "name", "kind", "serves", "aliases")
_WINDOW_KEYS = ("opens_on", "closes_on", "vlh_on")


def build_district(regency: Regency, documents: Mapping[str, Mapping[str, Value]]) -> District:
    """Return the district described by its files (keys: district, offices, calendar, owners).

    Raises:
        DistrictError: file, key, what is wrong, what to do.
    """
    folder = f"districts/{regency.code}"
    head = Fields(documents["district"], f"{folder}/district.yaml", _KEYS, DistrictError)
    _refuse_other_region(head, regency)
    instrument = _instrument(head)
    offices = _offices(documents["offices"], f"{folder}/offices.yaml", instrument)
    overrides = _overrides(documents["owners"], f"{folder}/owners.yaml", instrument, offices)
    district = District(
        code=regency.code,
        name=head.text("name"),
        province_code=regency.province_code,
        province_name=head.text("province"),
        zone=ZoneInfo(_one_of(head, "zone", ZONES)),
        cycle=instrument.cycle,
        target_predikat=_one_of(head, "target_predikat", [band.predikat for band in instrument.bands]),
        offices=offices,
        owner_overrides=overrides,
        without_roles=frozenset(_all_of(head, "without_roles", instrument.roles)),
        calendar=_calendar(documents["calendar"], f"{folder}/calendar.yaml", instrument),
        kecamatan_count=head.whole("kecamatan_count"),
        desa_count=head.whole("desa_count"),
        coordinator=_one_of(head, "coordinator", [office.code for office in offices]),
        notes=head.texts("notes"),
    )
    _refuse_roles(head, district, instrument)
    _refuse_idle(f"{folder}/offices.yaml", district)
    return district


def _one_of(fields: Fields, key: str, known: Iterable[str]) -> str:
    word = fields.text(key)
    _refuse_unknown(fields, key, (word,), known)
    return word


def _all_of(fields: Fields, key: str, known: Iterable[str]) -> tuple[str, ...]:
    words = fields.texts(key)
    _refuse_unknown(fields, key, words, known)
    return words


def _refuse_unknown(fields: Fields, key: str, words: Iterable[str], known: Iterable[str]) -> None:
    allowed = list(known)
    for word in words:
        if word not in allowed:
            hint = near(word, allowed).strip() or f"Use one of {', '.join(allowed)}."
            raise fields.refuse(key, f'"{word}" is not known', hint)


def _refuse_other_region(head: Fields, regency: Regency) -> None:
    """Refuse a code that is unquoted or not the folder's."""
    code = head.quoted("code")
    if code != regency.code:
        raise head.refuse("code", f'"{code}" but the folder is {regency.code}', "Make both the same.")


def _instrument(head: Fields) -> Instrument:
    """Return the instrument of a district's cycle; a fault inside it is told where it is, not in the district's file."""
    cycle = head.whole("cycle")
    try:
        return load_instrument(cycle)
    except InstrumentError as fault:
        if cycle in available_cycles():
            raise DistrictError(fault.where, fault.what, fault.remedy) from fault
        raise head.refuse("cycle", fault.what, fault.remedy) from fault


def _offices(document: Mapping[str, Value], where: str, instrument: Instrument) -> tuple[Office, ...]:
    top = Fields(document, where, ("offices",), DistrictError)
    offices = tuple(_office(values, where, instrument) for values in top.mappings("offices"))
    if not offices:
        raise top.refuse("offices", "no office is given", "Name at least one.")
    _refuse_ambiguous(where, offices)
    return offices


def _office(values: dict[str, Value], where: str, instrument: Instrument) -> Office:
    fields = Fields(values, f"{where}, office {values.get('code', '?')}", _OFFICE_KEYS, DistrictError)
    return Office(
        code=fields.text("code"),
        name=fields.text("name"),
        kind=OfficeKind(_one_of(fields, "kind", tuple(OfficeKind))),
        serves=_all_of(fields, "serves", instrument.roles),
        aliases=fields.texts("aliases"),
    )


def _refuse_ambiguous(where: str, offices: tuple[Office, ...]) -> None:
    """Refuse a code, name or alias that means two offices, or a role that another office alone fills."""
    meant: dict[str, Office] = {}
    for office in offices:
        for word in office_words(office):
            other = meant.setdefault(office_key(word), office)
            if other is not office:
                what = f'"{word}" means both {other.code} and {office.code}'
                raise DistrictError(f"{where}, office {office.code}", what, "Keep it at one of them.")
    for role in sorted({role for office in offices for role in office.serves}):
        named = meant.get(office_key(role))
        serving = [office.code for office in offices if role in office.serves]
        if named is not None and named.code not in serving:
            what = f'"{role}" means {named.code} here but the role {role} is served by {", ".join(serving)}'
            raise DistrictError(f"{where}, office {named.code}", what, "Rename it or let it serve the role.")


def _overrides(
    document: Mapping[str, Value], where: str, instrument: Instrument, offices: tuple[Office, ...]
) -> dict[str, tuple[str, ...]]:
    """Return question id -> office codes, the lead first."""
    fields = Fields(document, where, [question.question_id for question in instrument.questions], DistrictError)
    codes = [office.code for office in offices]
    found = {question_id: _all_of(fields, question_id, codes) for question_id in document}
    for question_id, owners in found.items():
        if not owners or len(set(owners)) != len(owners):
            what = f"{', '.join(owners) or 'nobody'} owns it"
            raise fields.refuse(question_id, what, "Name each office once, the lead first.")
    return found


def _calendar(document: Mapping[str, Value], where: str, instrument: Instrument) -> dict[int, tuple[StageWindow, ...]]:
    """Return cycle -> stage windows in order."""
    found: dict[int, tuple[StageWindow, ...]] = {}
    for cycle, stages in document.items():
        if not cycle.isdigit() or not isinstance(stages, dict):
            raise DistrictError(f"{where}, {cycle}", "is not a cycle with its stages", "Write 2024: and its stages.")
        fields = Fields(stages, f"{where}, {cycle}", instrument.stages, DistrictError)
        windows = [_window(fields, stage, values, f"{where}, {cycle}, {stage}") for stage, values in stages.items()]
        _refuse_order(fields, windows, instrument.stages)
        found[int(cycle)] = tuple(windows)
    if instrument.cycle not in found:
        raise DistrictError(where, f"cycle {instrument.cycle} has no dates", f"Give {instrument.cycle}: its stages.")
    return found


def _window(parent: Fields, stage: str, values: Value, where: str) -> StageWindow:
    if not isinstance(values, dict):
        raise parent.refuse(stage, "has no dates", "Give opens_on and closes_on.")
    fields = Fields(values, where, _WINDOW_KEYS, DistrictError)
    vlh_on = fields.day("vlh_on") if fields.has("vlh_on") else None
    window = StageWindow(stage, fields.day("opens_on"), fields.day("closes_on"), vlh_on)
    if window.closes_on < window.opens_on:
        what = f"closes {window.closes_on} before it opens {window.opens_on}"
        raise fields.refuse("closes_on", what, "Correct one of the two days.")
    if vlh_on and not window.opens_on <= vlh_on <= window.closes_on:
        what = f"{vlh_on} is outside {window.opens_on} to {window.closes_on}"
        raise fields.refuse("vlh_on", what, "Correct the day or the window.")
    return window


def _refuse_order(fields: Fields, windows: list[StageWindow], stages: tuple[str, ...]) -> None:
    """Refuse stages out of their order, or one that opens before the last has closed."""
    for earlier, later in pairwise(windows):
        if stages.index(later.stage) < stages.index(earlier.stage):
            raise fields.refuse(later.stage, f"stands after {earlier.stage}", f"Order: {', '.join(stages)}.")
        if later.opens_on <= earlier.closes_on:
            what = f"opens {later.opens_on} but {earlier.stage} closes {earlier.closes_on}"
            raise fields.refuse(later.stage, what, "Stages follow each other: correct one of the two days.")


def _refuse_roles(head: Fields, district: District, instrument: Instrument) -> None:
    """Refuse a role that nobody fills and nobody said so of, or that is both filled and without."""
    filled = {role for office in district.offices for role in office.serves}
    open_roles = [role for role in instrument.roles if role not in filled | district.without_roles]
    if open_roles:
        what = f"nobody fills {', '.join(open_roles)}"
        raise head.refuse("without_roles", what, "Let an office serve it in offices.yaml, or list it here.")
    if both := sorted(filled & district.without_roles):
        raise head.refuse("without_roles", f"{', '.join(both)} is filled by an office", "Remove it here.")


def _refuse_idle(where: str, district: District) -> None:
    """Refuse an office that serves no role and owns no question."""
    owning = {code for owners in district.owner_overrides.values() for code in owners}
    for office in district.offices:
        if not office.serves and office.code not in owning:
            what = "serves no role and owns no question"
            raise DistrictError(f"{where}, office {office.code}", what, "Give it a role, or questions in owners.yaml.")
