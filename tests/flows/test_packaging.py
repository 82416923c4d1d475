"""`flows` and `tasks` are generic names, and Prefect puts flows/ first on the path: nobody may be shadowed by us or shadow us."""

from __future__ import annotations

import sys
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["flows", "tasks", "desk", "kla"])
def test_no_other_installed_distribution_provides_our_packages(name: str) -> None:
    assert set(packages_distributions().get(name, ())) <= {"kla"}
    others = [
        str(file)
        for distribution in distributions()
        if distribution.name != "kla"
        for file in distribution.files or ()
        if file.parts[0] in (name, f"{name}.py")
    ]
    assert not others


def test_no_file_in_flows_shadows_a_standard_or_an_installed_module() -> None:
    ours = {path.stem for path in (CHECKOUT / "flows").glob("*.py")} - {"__init__"}
    installed = set(packages_distributions()) - {"kla", "desk", "flows", "tasks"}
    assert not ours & (set(sys.stdlib_module_names) | installed)
    assert ours


def test_the_packages_in_use_are_those_of_this_checkout() -> None:
    import flows
    import tasks

    assert Path(flows.__file__).parent == CHECKOUT / "flows"
    assert Path(tasks.__file__).parent == CHECKOUT / "tasks"
