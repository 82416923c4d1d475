"""The rules are data; what does not hold together is refused by name."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from kla.errors import RuleError
from kla.findings import Severity
from kla.io import project
from kla.io.rules import load_rules, load_suites, rule_digests, rules_version


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of expectations/ that a test may spoil."""
    return Path(shutil.copytree(project.data("expectations"), tmp_path / "expectations"))


def spoil(folder: Path, suite: str, change) -> Path:
    path = folder / f"{suite}.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return folder


def test_there_are_at_least_sixty_codes_each_used_once():
    codes = [rule.code for rule in load_rules()]
    assert len(codes) == len(set(codes)) >= 60


def test_every_subject_has_rules():
    assert {rule.code[0] for rule in load_rules()} == set("FWADXRP")


def test_critical_means_blocking():
    (rule,) = (rule for rule in load_rules() if rule.code == "A02")
    assert rule.severity is Severity.BLOCKING
    assert rule.frame == "stated"
    assert rule.source


def test_sentences_end_like_sentences_and_are_not_shouted():
    wrong = [
        r.code for r in load_rules() if not r.tell.endswith(".") or not r.fix.endswith(".") or "!" in r.tell + r.fix
    ]
    assert wrong == []


def test_a_code_used_twice_is_refused(folder):
    def twice(document):
        document["expectations"].append(document["expectations"][0])

    with pytest.raises(RuleError, match="codes used twice: A02"):
        load_rules(spoil(folder, "stated", twice))


def test_a_code_that_was_used_before_is_refused(folder):
    with pytest.raises(RuleError, match="D14: the code was used before"):
        load_rules(spoil(folder, "stated", lambda document: document["expectations"][0]["meta"].update(code="D14")))


def test_a_code_used_in_two_suites_is_refused(folder):
    def taken(document):
        document["expectations"][0]["meta"]["code"] = "A02"

    with pytest.raises(RuleError, match="codes used twice: A02"):
        load_rules(spoil(folder, "evidence", taken))


@pytest.mark.parametrize("key", ["code", "phase", "tell", "fix", "source", "example_pass", "example_fail"])
def test_a_rule_without_a_part_of_its_meta_is_refused(folder, key):
    with pytest.raises(RuleError, match=f"lacks {key}"):
        load_rules(spoil(folder, "stated", lambda document: document["expectations"][0]["meta"].pop(key)))


def test_an_unknown_severity_is_refused(folder):
    with pytest.raises(RuleError, match="A02: severity fatal is none of critical, warning, info"):
        load_rules(spoil(folder, "stated", lambda d: d["expectations"][0].update(severity="fatal")))


@pytest.mark.parametrize("part", ["tell", "fix"])
def test_a_placeholder_its_frame_does_not_have_is_refused(folder, part):
    with pytest.raises(RuleError, match="A02: tell or fix asks for nilai"):
        load_rules(spoil(folder, "stated", lambda d: d["expectations"][0]["meta"].update({part: "Nilai {nilai}."})))


def test_a_column_its_frame_does_not_have_is_refused(folder):
    with pytest.raises(RuleError, match="A02: the frame has no column limit"):
        load_rules(spoil(folder, "stated", lambda d: d["expectations"][0]["kwargs"].update(column_A="limit")))


def test_a_misspelt_key_is_refused(folder):
    with pytest.raises(RuleError, match="A02: unknown keys silence"):
        load_rules(spoil(folder, "stated", lambda d: d["expectations"][0]["meta"].update(silence=["R01"])))


def test_two_rules_that_silence_each_other_are_refused(folder):
    def mutual(document):
        document["expectations"][0]["meta"]["silences"] = ["R01"]
        document["expectations"][-1]["meta"]["silences"] = ["A02"]

    with pytest.raises(RuleError, match="silence each other"):
        load_rules(spoil(folder, "stated", mutual))


def test_blocking_rows_cannot_be_told_together(folder):
    def together(document):
        document["expectations"][0]["meta"]["together"] = "sheet"

    with pytest.raises(RuleError, match="cannot be sent back one by one"):
        load_rules(spoil(folder, "stated", together))


def test_a_missing_suite_is_refused(folder):
    (folder / "rollups.yaml").unlink()
    with pytest.raises(RuleError, match=r"rollups\.yaml: the suite is missing"):
        load_suites(folder)


def test_the_version_changes_with_a_severity_and_with_nothing_else(folder):
    before = rules_version()
    assert rules_version(folder) == before
    changed = Path(shutil.copytree(folder, folder.parent / "changed"))
    assert rules_version(spoil(changed, "stated", lambda d: d["expectations"][0].update(severity="info"))) != before


def test_the_version_changes_with_every_table_that_changes_judging(folder):
    tables = sorted(path.name for path in folder.glob("*.yaml"))
    assert {"resolving.yaml", "layouts.yaml", "limits.yaml", "shared_figures.yaml", "ownership.yaml"} <= set(tables)
    versions = {rules_version()}
    for number, name in enumerate(tables):
        changed = Path(shutil.copytree(folder, folder.parent / f"changed-{number}"))
        (changed / name).write_bytes((changed / name).read_bytes() + b"# lain\n")
        versions.add(rules_version(changed))
    assert len(versions) == len(tables) + 1


def test_how_lines_end_does_not_change_the_version(folder):
    for path in folder.glob("*.yaml"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert rules_version(folder) == rules_version()


@pytest.mark.parametrize(
    ("meta", "cause"),
    [
        ({"phase": "early"}, "A02: phase early is none of file, structure"),
        ({"trial_until": "soon"}, "A02: trial_until is no day"),
        ({"data": "weather"}, "A02: data weather is none of limits"),
    ],
)
def test_a_phase_day_or_table_that_does_not_exist_is_refused(folder, meta, cause):
    with pytest.raises(RuleError, match=cause):
        load_rules(spoil(folder, "stated", lambda document: document["expectations"][0]["meta"].update(meta)))


def digest_after(folder: Path, change) -> str:
    return rule_digests(spoil(Path(shutil.copytree(folder, folder.parent / "other")), "stated", change))["A02"]


def test_a_rules_digest_follows_what_it_decides_and_not_how_it_is_told(folder):
    before = rule_digests(folder)["A02"]
    told = digest_after(folder, lambda d: d["expectations"][0]["meta"].update(tell="Lain.", example_pass={"points": 2}))
    assert told == before


@pytest.mark.parametrize(
    "change",
    [
        lambda rule: rule.update(severity="warning"),
        lambda rule: rule["kwargs"].update(or_equal=False),
        lambda rule: rule.update(type="expect_column_pair_values_to_be_equal"),
    ],
)
def test_a_rules_digest_changes_with_type_kwargs_and_severity(folder, change):
    assert digest_after(folder, lambda document: change(document["expectations"][0])) != rule_digests(folder)["A02"]


def test_reading_the_rules_imports_neither_great_expectations_nor_pandas():
    script = (
        "import sys; from kla.io.rules import load_rules; load_rules(); "
        "sys.exit(bool({'great_expectations', 'pandas'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
