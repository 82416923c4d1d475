"""The environment is read in one place, typed, shown without secrets, and explained in Bahasa Indonesia."""

from __future__ import annotations

import ast
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from kla.errors import SettingsError
from kla.io import project, settings
from kla.io.settings import Secret, Settings, masked

CHECKOUT = Path(__file__).resolve().parents[3]
OURS = [path for folder in ("kla", "desk", "flows", "tasks") for path in sorted((CHECKOUT / folder).rglob("*.py"))]
NAMES = [one.metadata["name"] for one in fields(Settings)]


def looks_at_the_environment(source: str) -> bool:
    """Whether code names os.environ, os.getenv or their like, however it came by them."""
    names = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in names:
            return True
        if isinstance(node, ast.ImportFrom) and node.module == "os" and {it.name for it in node.names} & names:
            return True
    return False


def test_only_the_settings_module_looks_at_the_environment() -> None:
    found = [
        path.relative_to(CHECKOUT).as_posix() for path in OURS if looks_at_the_environment(path.read_text("utf-8"))
    ]
    assert found == ["kla/io/settings.py"]


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.environ['A']",
        "from os import environ",
        "from os import getenv as g",
        "import os as o; o.getenv('A')",
    ],
)
def test_a_look_at_the_environment_is_seen(source: str) -> None:
    assert looks_at_the_environment(source)


def test_every_setting_has_its_sentence_and_every_sentence_its_setting() -> None:
    told = yaml.safe_load((project.data("reports") / "settings.id.yaml").read_text(encoding="utf-8"))
    assert sorted(told) == sorted(NAMES)


def test_without_a_word_from_the_environment_the_defaults_hold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    now = settings.current()
    assert (now.home, now.var, now.reader_url) == (None, tmp_path / "var", None)
    assert now.warehouse_url == f"sqlite:///{tmp_path}/var/warehouse.db"
    assert not any(line.is_set for line in settings.shown())
    assert all(line.value == line.default for line in settings.shown())


def test_a_folder_said_by_one_setting_is_the_default_of_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KLA_VAR")
    monkeypatch.setenv("KLA_HOME", "/srv/kla")
    assert settings.current().warehouse_url == "sqlite:////srv/kla/var/warehouse.db"
    monkeypatch.setenv("KLA_VAR", " ")
    assert settings.current().var == Path("/srv/kla/var"), "an empty variable counts as none"


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for one in fields(Settings):
        if one.metadata["secret"] is not Secret.NOTHING:
            monkeypatch.setenv(one.metadata["name"], "postgresql://kla:rahasia@tuan/kla?password=rahasia")
    assert "rahasia" not in str(settings.shown())
    assert "kla:***@tuan" in str(settings.shown())


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://kla:rah:asia@tuan/kla",
        "postgresql://kla:rah@sia@tuan/kla",
        "postgresql+psycopg://:rahasia@/kla?host=/run/postgresql",
        "postgresql://tuan/kla?user=kla&password=rahasia&sslmode=require",
    ],
)
def test_a_password_is_masked_wherever_it_stands_in_a_url(url: str) -> None:
    assert "asia" not in masked(url)
    assert "sia@" not in masked(url)
    assert "/kla" in masked(url)


def test_a_value_that_cannot_be_used_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [one for one in fields(Settings) if one.metadata["read"] in (int, float)]
    for one in numbers:
        monkeypatch.setenv(one.metadata["name"], "banyak")
        with pytest.raises(SettingsError, match=one.metadata["name"]):
            settings.current()
        monkeypatch.delenv(one.metadata["name"])
