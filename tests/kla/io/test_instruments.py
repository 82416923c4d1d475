"""Loading an instrument refuses what does not hold together, and says where, what and what to do."""

from pathlib import Path

import pytest

from kla.errors import InstrumentError
from kla.io import project
from kla.io.instruments import available_cycles, load_instrument, load_instrument_from

HEAD = "extends: 2024\ncycle: 2025\nevidence_years: [2023, 2024]\n"
NEW = "label: x, measure: activity, scale: level5, owners: [DINKES]"
K3_12 = "code: K3\nindicators:\n- number: '12'\n  questions:\n"


def cycle(tmp_path: Path, files: dict[str, str], head: str = HEAD) -> Path:
    """Write a folder 2025 that extends 2024 and holds these files."""
    folder = tmp_path / "2025"
    folder.mkdir()
    for name, text in {"instrument": head, **files}.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def refusal(tmp_path: Path, files: dict[str, str], head: str = HEAD) -> InstrumentError:
    with pytest.raises(InstrumentError) as caught:
        load_instrument_from(cycle(tmp_path, files, head))
    assert caught.value.remedy
    return caught.value


def refused_question(tmp_path: Path, keys: str) -> InstrumentError:
    return refusal(tmp_path, {"klaster_3": f"{K3_12}  - {{id: 12.P2, {keys}}}\n"})


def refused_scale(tmp_path: Path, scale: str) -> InstrumentError:
    return refusal(tmp_path, {"scales": scale})


def refused_bands(tmp_path: Path, *bands: tuple[str, str]) -> InstrumentError:
    lines = "".join(f"- {{predikat: {name}, at_least: {bound}}}\n" for name, bound in bands)
    return refusal(tmp_path, {}, f"{HEAD}bands:\n{lines}")


def test_the_unchanged_extension_is_accepted(tmp_path):
    assert load_instrument_from(cycle(tmp_path, {})).questions == load_instrument(2024).questions


# sums


def test_questions_that_do_not_sum_to_their_indicator_are_refused(tmp_path):
    fault = refused_question(tmp_path, "max_points: 12")
    assert fault.where == "instrument/2025/klaster_3.yaml, indicator 12"
    assert fault.what == "its questions sum to 32 but max_points is 23"


def test_indicators_that_do_not_sum_to_their_block_are_refused(tmp_path):
    fault = refusal(tmp_path, {"klaster_3": "code: K3\nmax_points: 151\n"})
    assert (fault.where, fault.what) == (
        "instrument/2025/klaster_3.yaml",
        "its indicators sum to 150 but max_points is 151",
    )


def test_blocks_that_do_not_sum_to_the_whole_are_refused(tmp_path):
    fault = refusal(tmp_path, {}, f"{HEAD}remove: [KD]\n")
    assert fault.what == "its blocks sum to 900 but max_points is 1000"


# ids


def test_a_question_given_twice_in_one_indicator_is_refused(tmp_path):
    twice = "  - {id: 12.P2, max_points: 3}\n" * 2
    fault = refusal(tmp_path, {"klaster_3": K3_12 + twice})
    assert fault.where.endswith("question 12.P2")
    assert "twice" in fault.what


def test_a_question_given_in_two_indicators_is_refused(tmp_path):
    moved = f"{K3_12}  - {{id: 12.P2, max_points: 2}}\n  - {{id: 14.P1, max_points: 1, {NEW}}}\n"
    fault = refusal(tmp_path, {"klaster_3": moved})
    assert "14.P1 is also given in" in fault.what


def test_an_indicator_given_twice_is_refused(tmp_path):
    text = "code: K3\nindicators:\n- {number: '12', max_points: 23}\n- {number: '12', max_points: 23}\n"
    assert "indicator 12 is given twice" in refusal(tmp_path, {"klaster_3": text}).what


def test_an_indicator_given_in_two_blocks_is_refused(tmp_path):
    head = "code: K3\nmax_points: 151\nindicators:\n- number: '4'\n  name: x\n  max_points: 1\n  questions:\n"
    text = f"{head}  - {{id: 4.P99, max_points: 1, {NEW}}}\n"
    assert "indicator 4 is also given in" in refusal(tmp_path, {"klaster_3": text}).what


def test_a_block_given_twice_is_refused(tmp_path):
    fault = refusal(tmp_path, {"klaster_3": "code: K3\n", "klaster_3_lagi": "code: K3\n"})
    assert "block K3 is given twice" in fault.what


def test_an_entry_without_its_id_is_refused(tmp_path):
    fault = refusal(tmp_path, {"klaster_3": f"{K3_12}  - {{max_points: 3}}\n"})
    assert fault.what == "a question has no id"


# words


def test_an_unknown_role_is_refused_with_the_near_one(tmp_path):
    fault = refused_question(tmp_path, "owners: [DINKESS]")
    assert fault.where.endswith("klaster_3.yaml, question 12.P2, owners")
    assert fault.remedy == 'Did you mean "DINKES"?'


def test_an_unknown_scale_is_refused_with_the_near_one(tmp_path):
    fault = refused_question(tmp_path, "scale: percentag")
    assert (fault.what, fault.remedy) == ('"percentag" is not known', 'Did you mean "percentage"?')


def test_an_unknown_evidence_kind_is_refused_with_the_near_one(tmp_path):
    fault = refused_question(tmp_path, "evidence_kinds: [notulan]")
    assert (fault.what, fault.remedy) == ('"notulan" is not known', 'Did you mean "notulen"?')


@pytest.mark.parametrize("gate", ["26.P99", "26.P16"])
def test_a_gate_that_is_no_unscored_question_is_refused(tmp_path, gate):
    text = f"code: KD\nindicators:\n- number: '26'\n  questions:\n  - {{id: 26.P18, gate_id: {gate}}}\n"
    fault = refusal(tmp_path, {"kecamatan_desa": text})
    assert fault.where.endswith("question 26.P18, gate_id")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("max_point: 3", 'Did you mean "max_points"?'),
        ("max_points: tiga", "digits"),
        ("max_points: 3.005", "4.5"),
        ("max_points: -3", "4.5"),
        ("max_points: 1e40", "4.5"),
        ("max_points: 0", "Scored questions earn points"),
        ("max_points: nan", "digits"),
        ("owners: []", "lead first"),
        ("owners: [DINKES, DINKES]", "Remove it"),
        ("owners: DINKES", "list"),
        ("label: ''", "Give label"),
        ("label: [a]", "one text"),
        ("periods: 3", "1 or 2"),
        ("periods: dua", "digits"),
        ("scale: trend", "periods: 2"),
        ("id: 12.P2", "Correct the YAML"),
    ],
)
def test_a_question_whose_key_makes_no_sense_is_refused(tmp_path, keys, said):
    assert said in refused_question(tmp_path, keys).remedy


def test_a_misspelt_key_at_the_head_is_refused_with_the_near_one(tmp_path):
    fault = refusal(tmp_path, {}, HEAD + "legal_bases: [UU]\n")
    assert (fault.where, fault.remedy) == (
        "instrument/2025/instrument.yaml, legal_bases",
        'Did you mean "legal_basis"?',
    )


# scales


@pytest.mark.parametrize(
    "scale",
    [
        "doc: {levels: [{key: a, label: A, share: 1}, {key: b, label: B, share: 0.5}]}",
        "percentage: {direction: lower_is_better}",
        "percentage_lower_better: {direction: higher_is_better}",
        "trend: {direction: lower_is_better}",
        "trend_lower_better: {direction: higher_is_better}",
    ],
)
def test_a_scale_whose_shares_run_against_its_direction_is_refused(tmp_path, scale):
    fault = refused_scale(tmp_path, scale)
    assert "against the direction" in fault.what
    assert fault.where.startswith("instrument/2025/scales.yaml, ")


RATIO = "percentage: {{levels: [{{key: a, label: A, share: 0, at_least: {0}}}, {{key: b, label: B, share: 1, at_least: {1}}}]}}"


@pytest.mark.parametrize("bounds", [(5, 50), (0, 0), (0, 101)])
def test_a_ratio_scale_that_leaves_or_repeats_a_percentage_is_refused(tmp_path, bounds):
    assert "at_least runs" in refused_scale(tmp_path, RATIO.format(*bounds)).what


@pytest.mark.parametrize(
    ("scale", "said"),
    [
        ("doc: {answer: chioce}", "is not known"),
        ("doc: {levels: []}", "fewer than two"),
        ("doc: {levels: [{key: a, label: A, share: 0}, {key: a, label: B, share: 1}]}", "repeated"),
        ("doc: {levels: [{key: a, label: A, share: 0}, {key: b, label: a, share: 1}]}", "repeated"),
        ("doc: {levels: [{key: a, label: A, share: 0}, {key: b, label: B, share: 0.9}]}", "best share is 0.9"),
        ("doc: {levels: [{key: a, label: A, share: 0}, {key: b, label: B, share: 1.1}]}", "outside 0 to 1"),
        ("doc: {levels: [{key: a, label: A, share: 0, at_least: 0}]}", "not a key"),
        ("doc: {direction: higher_is_better}", "as printed"),
        ("doc: {is_scored: ya}", "neither true nor false"),
        ("percentage: {direction: naik}", "is not known"),
        ("trend: {levels: [{key: a, label: A, share: 0}, {key: b, label: B, share: 1}]}", "a, b"),
        ("baru: {levels: [{key: a, label: A, share: 0}]}", "is missing"),
        ("doc: {levels: [tidak, ya]}", "no mapping"),
        ("doc: {levels: ya}", "not a list"),
    ],
)
def test_a_scale_that_makes_no_sense_is_refused(tmp_path, scale, said):
    assert said in refused_scale(tmp_path, scale).what


# bands, years, stages


def test_bands_that_overlap_are_refused_with_both_figures(tmp_path):
    fault = refused_bands(tmp_path, ("Pratama", "500"), ("Madya", "601"), ("Nindya", "600.5"))
    assert fault.what == "Nindya at_least 600.5 overlaps Madya at_least 601"


def test_bands_with_the_same_bound_are_refused(tmp_path):
    assert "overlaps" in refused_bands(tmp_path, ("Pratama", "500"), ("Madya", "500")).what


def test_a_predikat_given_twice_is_refused(tmp_path):
    assert "given twice" in refused_bands(tmp_path, ("Pratama", "500"), ("Pratama", "601")).what


@pytest.mark.parametrize("bound", ["-1", "1000.01"])
def test_a_band_outside_the_points_is_refused(tmp_path, bound):
    assert "outside 0 to 1000" in refused_bands(tmp_path, ("Pratama", bound)).what


def test_no_band_at_all_is_refused(tmp_path):
    assert "no band" in refused_bands(tmp_path).what


@pytest.mark.parametrize("years", ["[2024, 2023]", "[2023]", "[dua, tiga]"])
def test_evidence_years_that_do_not_follow_each_other_are_refused(tmp_path, years):
    fault = refusal(tmp_path, {}, f"extends: 2024\ncycle: 2025\nevidence_years: {years}\n")
    assert fault.where.endswith("evidence_years")


@pytest.mark.parametrize("stages", ["[]", "[mandiri, mandiri]"])
def test_stages_that_are_empty_or_repeat_are_refused(tmp_path, stages):
    assert refusal(tmp_path, {}, f"{HEAD}stages: {stages}\n").where.endswith("stages")


# extending


def test_removing_what_is_not_there_is_refused_with_the_near_one(tmp_path):
    text = "code: K3\nindicators:\n- {number: '12', remove: [12.P22]}\n"
    fault = refusal(tmp_path, {"klaster_3": text})
    assert fault.where.endswith("indicator 12, remove")
    assert fault.remedy == 'Did you mean "12.P2"?'


def test_removing_without_extending_is_refused(tmp_path):
    folder = cycle(tmp_path, {"klaster_3": "code: K3\nremove: ['12']\n"}, "cycle: 2025\n")
    with pytest.raises(InstrumentError, match="extends none"):
        load_instrument_from(folder)


def test_extending_an_unknown_cycle_is_refused_with_those_there_are(tmp_path):
    fault = refusal(tmp_path, {}, HEAD.replace("extends: 2024", "extends: 2042"))
    assert "2042" in fault.what
    assert "2024" in fault.remedy


def test_extending_itself_is_refused(tmp_path):
    assert "itself" in refusal(tmp_path, {}, HEAD.replace("extends: 2024", "extends: 2025")).what


def test_two_cycles_that_extend_each_other_are_refused(tmp_path):
    other = tmp_path / "2026"
    other.mkdir()
    (other / "instrument.yaml").write_text("extends: 2025\ncycle: 2026\n", encoding="utf-8")
    assert "itself" in refusal(tmp_path, {}, "extends: 2026\ncycle: 2025\n").what


def test_a_cycle_that_is_not_the_folders_is_refused(tmp_path):
    fault = refusal(tmp_path, {}, HEAD.replace("cycle: 2025", "cycle: 2052"))
    assert "2052" in fault.what
    assert "2025" in fault.what


# files


def test_a_cycle_without_a_folder_is_refused_with_those_there_are():
    with pytest.raises(InstrumentError, match="Use one of 2023, 2024"):
        load_instrument(2042)


def test_a_folder_without_its_head_is_refused(tmp_path):
    folder = cycle(tmp_path, {})
    (folder / "instrument.yaml").unlink()
    with pytest.raises(InstrumentError, match=r"instrument/2025/instrument\.yaml: the file does not exist"):
        load_instrument_from(folder)


@pytest.mark.parametrize("text", ["a: [1, 2", "a: 1\na: 2\n", "- 1\n", ""])
def test_a_file_that_is_no_mapping_or_gives_a_key_twice_is_refused(tmp_path, text):
    assert refusal(tmp_path, {"scales": text}).where == "instrument/2025/scales.yaml"


# version


def test_the_version_changes_with_any_file_and_with_nothing_else(tmp_path):
    folder = cycle(tmp_path, {})
    first = load_instrument_from(folder).version
    assert load_instrument_from(folder).version == first
    (folder / "instrument.yaml").write_text(HEAD + "# x\n", encoding="utf-8")
    assert load_instrument_from(folder).version != first


def test_the_cycles_are_the_folders():
    assert available_cycles() == (2023, 2024)
    assert (project.data("instrument") / "2024" / "klaster_3.yaml").is_file()


def test_a_loaded_cycle_is_kept_in_memory():
    assert load_instrument(2024) is load_instrument(2024)
