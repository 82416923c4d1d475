"""Contacts name roles and variables, never a person's number; reminders go where the variables say, else into a file."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from kla.errors import DistrictError
from kla.io import project
from kla.io.contacts import FILE_ADDRESS, Contact, addresses, load_contacts, load_rules
from kla.io.districts import district_codes, load_district
from kla.reminders import Level

KAUR = load_district("17.04")


def written(folder: Path, text: str) -> Path:
    (folder / "contacts.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("code", district_codes())
def test_every_district_names_who_is_told_when_offices_stay_silent(code):
    contacts = load_contacts(load_district(code))
    for level in (Level.COORDINATOR, Level.SEKDA):
        contact = contacts.of(level, "")
        assert contact is not None
        assert contact.role
        assert contact.variables


def test_a_district_without_the_file_has_no_contacts(tmp_path):
    assert load_contacts(KAUR, tmp_path).of(Level.OFFICE, "DINKES") is None


def test_the_coordinators_contact_falls_back_to_its_office(tmp_path):
    folder = written(tmp_path, "offices:\n  DP2KBP3A: {role: Sekretaris dinas}\n")
    assert load_contacts(KAUR, folder).of(Level.COORDINATOR, "DP2KBP3A") == Contact("Sekretaris dinas")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("offices: {DINAS_LAIN: {role: Kepala}}", "no office here"),
        ("sekda: {role: Sekda, urls: ['mailto://a:rahasia@b']}", "is no variable"),
        ("sekda: {role: Sekda, urls: [PATH]}", "is no variable"),
        ("sekda: {role: Budi 081234567890}", "number or an address"),
        ("sekda: {role: sekda@kaur.go.id}", "number or an address"),
        ("sekda: {urls: [KLA_NOTIFY_X]}", "is missing"),
        ("sekda: Budi", "no mapping"),
        ("bupati: {role: Bupati}", "may stand here"),
    ],
)
def test_a_number_an_address_or_an_unknown_office_is_refused_without_repeating_a_secret(tmp_path, text, told):
    with pytest.raises(DistrictError, match=told) as refused:
        load_contacts(KAUR, written(tmp_path, text))
    assert "rahasia" not in str(refused.value)


def test_addresses_come_from_the_contacts_variables_then_from_the_general_one_then_from_a_file(monkeypatch):
    contact = Contact("Sekretaris dinas", ("KLA_NOTIFY_UJI_A", "KLA_NOTIFY_UJI_B"))
    assert addresses(contact) == (FILE_ADDRESS,)
    monkeypatch.setenv("KLA_NOTIFY_URLS", "json://umum/")
    assert [(it.name, it.url) for it in addresses(contact)] == [("KLA_NOTIFY_URLS#1", "json://umum/")]
    assert [it.name for it in addresses(None)] == ["KLA_NOTIFY_URLS#1"]
    monkeypatch.setenv("KLA_NOTIFY_UJI_B", " json://satu/ json://dua/ ")
    assert [(it.name, it.url) for it in addresses(contact)] == [
        ("KLA_NOTIFY_UJI_B#1", "json://satu/"),
        ("KLA_NOTIFY_UJI_B#2", "json://dua/"),
    ]


def test_the_rules_of_reminding_are_data_and_a_district_may_replace_a_section(tmp_path):
    rules = load_rules(KAUR)
    assert rules.marks == (30, 14, 7, 3, 1, 0)
    assert (rules.quiet_from, rules.quiet_until, rules.is_quiet_on_holidays) == (time(18), time(7), True)
    default = (project.data("districts") / "pengingat.yaml").read_text(encoding="utf-8")
    (tmp_path / "pengingat.yaml").write_text(default, encoding="utf-8")
    (tmp_path / "17.04").mkdir()
    (tmp_path / "17.04" / "pengingat.yaml").write_text("marks: [5, 10]\n", encoding="utf-8")
    assert load_rules(KAUR, tmp_path) == replace(rules, marks=(10, 5))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("marks: [besok]", "not days"),
        ("quiet: {from: malam, until: '07:00', holidays: ya, always_within_days: 1}", "no time of day"),
        ("escalation: {coordinator_within_days: 7}", "is missing"),
        ("escalation: nanti", "no mapping"),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(tmp_path, line, told):
    default = (project.data("districts") / "pengingat.yaml").read_text(encoding="utf-8")
    (tmp_path / "pengingat.yaml").write_text(default, encoding="utf-8")
    (tmp_path / "17.04").mkdir()
    (tmp_path / "17.04" / "pengingat.yaml").write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(DistrictError, match=told):
        load_rules(KAUR, tmp_path)
