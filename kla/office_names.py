"""Which office of a district a text means: exactly, as stewards said, or by likeness."""

from __future__ import annotations

from collections.abc import Mapping

from kla.district import District, office_words, resolve_office
from kla.resolving import Certainty, Limits, Names, Resolution, Way, key_of, resolve

_KINDS_OF_DISTRICT = ("kabupaten", "kab", "kota")


def meant_office(district: District, text: str, learned: Mapping[str, str], limits: Limits | None) -> Resolution:
    """Return the office a text means (candidate: its code), or the nearest one; `learned` maps texts to codes.

    What `resolve_office` knows is exact; the district's own name at the end is left out of a comparison by likeness.
    """
    if office := resolve_office(district, text):
        return Resolution(Certainty.CERTAIN, office.code, office.name, 100, Way.EXACT)
    names = Names({word: office.code for office in district.offices for word in office_words(office)})
    found = resolve(text, names, learned, limits)
    bare = _without_district(text, district)
    is_settled = found.way or bare == key_of(text) or key_of(text) in map(key_of, learned)
    return found if is_settled else resolve(bare, names, learned, limits)


def _without_district(text: str, district: District) -> str:
    own = [word for word in key_of(district.name).split() if word not in _KINDS_OF_DISTRICT]
    words = key_of(text).split()
    if own and words[-len(own) :] == own:
        words = words[: -len(own)]
        if words and words[-1] in _KINDS_OF_DISTRICT:
            words.pop()
    return " ".join(words)
