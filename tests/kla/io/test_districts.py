"""Loading a district refuses what does not hold together, and says where, what and what to do."""

import re
import shutil
from pathlib import Path

import pytest

from kla.errors import DistrictError
from kla.io import project
from kla.io.districts import create_district, district_codes, load_district, load_district_from, regencies


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of Tanah Bumbu's folder, to be spoilt."""
    return shutil.copytree(project.data("districts") / "63.10", tmp_path / "63.10")


def spoil(folder: Path, name: str, pattern: str, replacement: str) -> None:
    """Replace one thing in a file; the pattern must be there."""
    path = folder / f"{name}.yaml"
    text, count = re.subn(pattern, replacement, path.read_text(encoding="utf-8"), count=1)
    assert count == 1
    path.write_text(text, encoding="utf-8")


def refusal(folder: Path) -> DistrictError:
    with pytest.raises(DistrictError) as caught:
        load_district_from(folder)
    assert caught.value.where.startswith("districts/63.10")
    assert caught.value.remedy
    return caught.value


def own(folder: Path, text: str) -> None:
    (folder / "owners.yaml").write_text(text, encoding="utf-8")


def test_the_unspoilt_folder_is_accepted(folder):
    assert load_district_from(folder) == load_district("63.10")


# codes


@pytest.mark.parametrize(
    ("code", "hint"), [("63.1", "63.10"), ("6310", "63.10"), ("KAUR", "17.04"), ("63.91", "63.71"), ("?", "63.10")]
)
def test_an_unknown_code_is_refused_with_a_hint(code, hint):
    with pytest.raises(DistrictError, match="is not the code of a kabupaten or kota") as caught:
        load_district(code)
    assert hint in caught.value.remedy


def test_a_code_given_as_a_number_is_refused():
    with pytest.raises(DistrictError, match="is a number"):
        load_district(53.71)


def test_a_code_written_without_quotation_marks_is_refused(folder):
    spoil(folder, "district", 'code: "63.10"', "code: 63.10")
    fault = refusal(folder)
    assert (fault.what, fault.remedy) == ("63.10 reads as a number", 'Write it as text: code: "63.10".')


def test_a_code_that_is_not_the_folders_is_refused(folder):
    spoil(folder, "district", '"63.10"', '"63.01"')
    assert refusal(folder).what == '"63.01" but the folder is 63.10'


def test_a_known_code_without_a_folder_says_how_to_make_one():
    with pytest.raises(DistrictError, match=r"Run: kla init 11\.01"):
        load_district("11.01")


# district.yaml


@pytest.mark.parametrize(
    ("pattern", "replacement", "key", "said"),
    [
        ("zone: Asia/Makassar", "zone: WITA", "zone", "Asia/Makassar"),
        ("zone: Asia/Makassar", "zone: Asia/Makasar", "zone", 'Did you mean "Asia/Makassar"?'),
        ("cycle: 2024", "cycle: 2042", "cycle", "2023, 2024"),
        ("target_predikat: Utama", "target_predikat: Utma", "target_predikat", 'Did you mean "Utama"?'),
        ("coordinator: DP3AP2KB", "coordinator: DP3A", "coordinator", 'Did you mean "DP3AP2KB"?'),
        ("kecamatan_count: 12", "kecamatan_count: dua belas", "kecamatan_count", "digits"),
        ("kecamatan_count: 12", "kecamatan_cont: 12", "kecamatan_cont", 'Did you mean "kecamatan_count"?'),
        (r"name: .*\n", "", "name", "Give name"),
        (r"without_roles: \[\]", "without_roles: [BNK]", "without_roles", 'Did you mean "BNN"?'),
        (r"without_roles: \[\]", "without_roles: [BNN]", "without_roles", "Remove it here."),
    ],
)
def test_a_key_of_the_district_that_makes_no_sense_is_refused(folder, pattern, replacement, key, said):
    spoil(folder, "district", pattern, replacement)
    fault = refusal(folder)
    assert fault.where == f"districts/63.10/district.yaml, {key}"
    assert said in fault.remedy


# offices.yaml


def test_an_unknown_kind_of_office_is_refused(folder):
    spoil(folder, "offices", "kind: forum", "kind: form")
    fault = refusal(folder)
    assert fault.where == "districts/63.10/offices.yaml, office FORUM_ANAK, kind"
    assert fault.remedy == 'Did you mean "forum"?'


def test_an_unknown_role_is_refused(folder):
    spoil(folder, "offices", r"serves: \[DINKES\]", "serves: [DINKESS]")
    fault = refusal(folder)
    assert fault.where == "districts/63.10/offices.yaml, office DINKES, serves"
    assert fault.remedy == 'Did you mean "DINKES"?'


def test_a_role_nobody_fills_is_refused_unless_said_on_purpose(folder):
    spoil(folder, "offices", r".*code: BNNK.*\n", "")
    assert refusal(folder).what == "nobody fills BNN"
    spoil(folder, "district", r"without_roles: \[\]", "without_roles: [BNN]")
    assert load_district_from(folder).without_roles == {"BNN"}


@pytest.mark.parametrize("alias", ["Capil", "c.a.p.i.l", "DISDUKCAPIL", "Dinas Kependudukan & Pencatatan Sipil"])
def test_a_word_that_means_two_offices_is_refused(folder, alias):
    spoil(folder, "offices", r"aliases: \[FAD\]", f'aliases: ["{alias}"]')
    fault = refusal(folder)
    assert fault.where == "districts/63.10/offices.yaml, office FORUM_ANAK"
    assert "means both DISDUKCAPIL and FORUM_ANAK" in fault.what


def test_two_offices_with_one_code_are_refused(folder):
    spoil(folder, "offices", "code: BPBD", "code: BAPENDA")
    assert "means both" in refusal(folder).what


def test_an_alias_that_is_another_offices_role_is_refused(folder):
    spoil(folder, "offices", r"aliases: \[FAD\]", "aliases: [DISDIK]")
    assert "the role DISDIK is served by DISDIKBUD" in refusal(folder).what


def test_an_office_that_serves_no_role_and_owns_no_question_is_refused(folder):
    with (folder / "offices.yaml").open("a", encoding="utf-8") as file:
        file.write("- {code: RSUD, name: Rumah Sakit, kind: perangkat_daerah, serves: []}\n")
    assert refusal(folder).what == "serves no role and owns no question"
    own(folder, "15.P5: [DINKES, RSUD]\n")
    assert load_district_from(folder).has_office("RSUD")


def test_a_district_without_offices_is_refused(folder):
    (folder / "offices.yaml").write_text("offices: []\n", encoding="utf-8")
    assert refusal(folder).what == "no office is given"


# owners.yaml


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("7.P2: [PA_BATULICINN]", "7.P2", 'Did you mean "PA_BATULICIN"?'),
        ("7.P22: [KEMENAG]", "7.P22", 'Did you mean "7.P2"?'),
        ("7.P2: []", "7.P2", "the lead first"),
        ("7.P2: [KEMENAG, KEMENAG]", "7.P2", "the lead first"),
    ],
)
def test_an_override_that_makes_no_sense_is_refused(folder, text, key, said):
    own(folder, text + "\n")
    fault = refusal(folder)
    assert fault.where == f"districts/63.10/owners.yaml, {key}"
    assert said in fault.remedy


# calendar.yaml


@pytest.mark.parametrize(
    ("pattern", "replacement", "said"),
    [
        ("closes_on: 2024-06-30", "closes_on: 2023-06-30", "closes 2023-06-30 before it opens 2024-01-02"),
        ("opens_on: 2024-07-01", "opens_on: 2024-06-30", "opens 2024-06-30 but mandiri closes 2024-06-30"),
        (r"  mandiri: (.*)\n  administrasi: ", r"  administrasi: \1\n  mandiri: ", "stands after administrasi"),
        ("vlh_on: 2025-06-05", "vlh_on: 2025-06-08", "2025-06-08 is outside 2025-01-02 to 2025-06-07"),
        ("opens_on: 2024-01-02", "opens_on: 2 Januari 2024", '"2 Januari 2024" is not a day'),
        ("opens_on: 2024-01-02", "opens_on: 2024-02-30", '"2024-02-30" is not a day'),
        ("opens_on: 2024-01-02, ", "", "is missing"),
        ("  mandiri: {.*}", "  mandiri:", "has no dates"),
        ("  mandiri:", "  mandir:", "is not a key"),
        ("2024:\n", "2023:\n", "cycle 2024 has no dates"),
        ("2024:\n", "dulu:\n", "is not a cycle"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(folder, pattern, replacement, said):
    spoil(folder, "calendar", pattern, replacement)
    fault = refusal(folder)
    assert fault.where.startswith("districts/63.10/calendar.yaml")
    assert said in fault.what


@pytest.mark.parametrize("name", ["district", "offices", "calendar"])
def test_a_missing_file_is_refused_by_name(folder, name):
    (folder / f"{name}.yaml").unlink()
    assert refusal(folder).where == f"districts/63.10/{name}.yaml"


# all regencies, new districts


def test_all_514_are_known_with_their_zone():
    known = regencies()
    assert len(known) == 514
    assert len({regency.province_code for regency in known.values()}) == 38
    assert (known["53.71"].name, known["53.71"].zone.key) == ("Kota Kupang", "Asia/Makassar")
    assert known["31.71"].province_name == "DKI Jakarta"
    assert (known["62.02"].zone.key, known["91.71"].zone.key) == ("Asia/Jakarta", "Asia/Jayapura")


@pytest.mark.parametrize("code", [*list(regencies())[::60], "31.01", "91.71"])
def test_a_new_district_can_be_made_from_any_code_and_read_again(tmp_path, code):
    made = create_district(code, tmp_path)
    assert made == tmp_path / code
    district = load_district_from(made)
    assert (district.code, district.name, district.zone) == (code, regencies()[code].name, regencies()[code].zone)
    assert district.notes
    assert sorted(path.name for path in tmp_path.iterdir()) == [code]


def test_a_district_that_has_a_folder_is_never_overwritten(tmp_path):
    made = create_district("11.01", tmp_path)
    (made / "district.yaml").write_text("milik kami", encoding="utf-8")
    with pytest.raises(DistrictError, match="exists already"):
        create_district("11.01", tmp_path)
    assert (made / "district.yaml").read_text(encoding="utf-8") == "milik kami"


def test_no_folder_is_made_for_an_unknown_code(tmp_path):
    with pytest.raises(DistrictError, match="Did you mean"):
        create_district("63.1", tmp_path)
    with pytest.raises(DistrictError):
        create_district("../63.10", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_codes_are_the_folders():
    assert district_codes() == ("16.10", "17.04", "53.71", "62.02", "63.10", "64.02")
