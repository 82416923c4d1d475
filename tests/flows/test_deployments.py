"""The deployments on a real Prefect server with a real worker: forms, schedules, one catch-up run, and death at any time."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from prefect_server import CHECKOUT, Stage, until

from kla.io.warehouse import Warehouse, open_warehouse
from kla.io.warehouse.export import export
from kla.watching import NIGHT_BEGINS

if TYPE_CHECKING:
    from conftest import LaySamples, SampleNight

    from tests.kla.io.warehouse.engines import Cluster

pytest_plugins = ["tests.kla.io.warehouse.engines"]

ZONES = {"Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"}
WHO = {"who": "Siti", "reason": "uji penempatan"}


@pytest.fixture(scope="module")
def databases(request: pytest.FixtureRequest) -> Cluster | None:
    """Give the PostgreSQL that keeps the warehouse and what Prefect knows; None where there is none: SQLite files do."""
    try:
        return request.getfixturevalue("cluster")
    except pytest.skip.Exception:
        return None


@pytest.fixture(scope="module")
def stage(
    databases: Cluster | None,
    prefect_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    lay_samples: LaySamples,
) -> Iterator[Stage]:
    """Give a server that knows all deployments; nobody works yet. The inbox holds Ogan Ilir's card and nothing else."""
    folder, urls = tmp_path_factory.mktemp("stage"), None
    lay_samples(folder / "var" / "inbox", ["16.10"])
    if databases:
        databases.create("panggung", "prefect_panggung")
        prefects = databases.url("prefect_panggung").replace("+psycopg", "+asyncpg")
        urls = databases.url("panggung"), prefects
    made = Stage(folder, prefect_template, urls)
    try:
        made.start_server()
        made.setup()
        yield made
    finally:
        made.close()


def deployment_names() -> set[str]:
    return {it["name"] for it in yaml.safe_load((CHECKOUT / "prefect.yaml").read_text("utf-8"))["deployments"]}


def test_one_command_registers_every_deployment(stage: Stage) -> None:
    assert {"nightly", "verification", "rerun", "backfill", "watch"} <= deployment_names()
    assert set(stage.deployments()) == deployment_names()
    pool = stage.api.get("/work_pools/kla").json()
    assert (pool["type"], pool["concurrency_limit"]) == ("process", None)


def test_the_page_shows_a_form_that_explains_every_field(stage: Stage) -> None:
    for name, deployment in stage.deployments().items():
        for key, field in deployment["parameter_openapi_schema"]["properties"].items():
            assert field["title"] != key, (name, key)
            assert field["description"].endswith("."), (name, key)
    form = stage.deployments()["rerun"]["parameter_openapi_schema"]
    assert {"district", "reason", "who"} == set(form["required"])
    (choices, _) = form["properties"]["stage"]["anyOf"]
    assert choices["enum"] == ["mandiri", "administrasi", "vlh", "final"]
    assert set(stage.deployments()["backfill"]["parameter_openapi_schema"]["required"]) == {"reason", "who"}


@pytest.mark.parametrize(
    ("name", "parameters", "at_fault"),
    [
        ("rerun", {"district": "16.10", "who": "Siti"}, "reason"),
        ("rerun", {"district": "16.10", "who": " ", "reason": "uji"}, "who"),
        ("rerun", {"district": "Ogan Ilir", **WHO}, "district"),
        ("rerun", {"district": "16.10", "stage": "besok", **WHO}, "stage"),
        ("backfill", {"who": "Siti"}, "reason"),
        ("nightly", {"zone": "Asia/Tokyo"}, "zone"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_runs(
    stage: Stage, name: str, parameters: dict[str, Any], at_fault: str
) -> None:
    refused = stage.ask_for(name, parameters)
    assert refused.status_code in (409, 422)
    assert at_fault in refused.text


def test_each_zone_has_its_nights_at_one_in_the_morning(stage: Stage) -> None:
    nightly = stage.deployments()["nightly"]["id"]

    def scheduled() -> dict[str, list[dict[str, Any]]]:
        runs = [it for it in stage.flow_runs(nightly) if it["auto_scheduled"]]
        by_zone = {zone: [it for it in runs if it["parameters"].get("zone") == zone] for zone in ZONES}
        return by_zone if all(by_zone.values()) else {}

    for zone, runs in until("scheduled runs", scheduled).items():
        moments = [datetime.fromisoformat(it["expected_start_time"]) for it in runs]
        assert {it.astimezone(ZoneInfo(zone)).time() for it in moments} == {NIGHT_BEGINS}
    rest(stage)


def rest(stage: Stage) -> None:
    """Put the clocks of all deployments to rest, so that none of them strikes during what follows."""
    for deployment in stage.deployments().values():
        for schedule in deployment["schedules"]:
            where = f"/deployments/{deployment['id']}/schedules/{schedule['id']}"
            assert stage.ask("PATCH", where, {"active": False}).status_code == 204


def test_three_nights_missed_during_an_outage_are_caught_up_by_one_run(stage: Stage) -> None:
    nightly = stage.deployments()["nightly"]["id"]
    first = datetime.now(UTC) + timedelta(seconds=8)  # moments that have passed are never scheduled
    rule = f"DTSTART:{first:%Y%m%dT%H%M%S}\nRRULE:FREQ=SECONDLY;INTERVAL=1;COUNT=3"
    schedule = {"schedule": {"rrule": rule, "timezone": "UTC"}, "active": True, "slug": "padam"}
    zone = {"parameters": {"zone": "Asia/Jakarta"}}
    assert stage.ask("POST", f"/deployments/{nightly}/schedules", [{**schedule, **zone}]).status_code == 201

    def missed(state: str) -> list[dict[str, Any]]:
        runs = [it for it in stage.flow_runs(nightly) if datetime.fromisoformat(it["expected_start_time"]) < now()]
        return runs if [it["state"]["name"] for it in runs] == [state] * 3 else []

    runs = until("three late runs", lambda: missed("Late"))
    stage.start_worker()
    ended = [stage.ended(it["id"]) for it in runs]
    names = sorted(it["state"]["name"] for it in ended)
    assert names in (["Completed", "Superseded", "Superseded"], ["Partial", "Superseded", "Superseded"])
    ((who, status, parameters),) = stage.ledger("who, status, parameters", "nightly")
    assert (who, status) == ("jadwal", "complete" if "Completed" in names else "partial")
    real = next(it for it in ended if it["state"]["name"] != "Superseded")
    assert real["id"] in parameters
    assert real["name"].startswith("malam · WIB · 20")
    assert (stage.var / "public" / "16.10" / "2024" / "index.html").is_file()
    told = json.loads((stage.var / "public" / "keadaan" / "status.json").read_bytes())
    assert told["zones"]["Asia/Jakarta"]["last_good_at"]
    assert not told["zones"]["Asia/Makassar"]["last_good_at"]


def now() -> datetime:
    return datetime.now(UTC)


def started(stage: Stage, name: str, parameters: dict[str, Any]) -> str:
    """Return the id of a run somebody asked for."""
    answer = stage.ask_for(name, parameters)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_manual_runs_are_named_and_the_ledger_says_who_and_why(stage: Stage) -> None:
    asked = {
        "rerun": {"district": "16.10", "as_of": "2024-06-15", **WHO},
        "backfill": {"districts": ["17.04"], **WHO},
        "verification": {"districts": ["62.02"], **WHO},
        "watch": {"hours": 1},
    }
    made = {name: started(stage, name, parameters) for name, parameters in asked.items()}
    ended = {name: stage.ended(flow_run_id) for name, flow_run_id in made.items()}
    assert {name: it["state"]["type"] for name, it in ended.items()} == dict.fromkeys(asked, "COMPLETED")
    assert ended["rerun"]["name"] == "ulang · 16.10 · 2024-06-15"
    assert ended["watch"]["state"]["name"] == "Alarm"  # Makassar was never served
    for kind in ("rerun", "backfill", "verification"):
        assert stage.ledger("who, reason, status", kind) == [(*WHO.values(), "complete")]


def test_database_server_and_worker_killed_in_a_night_leave_the_next_one_right(
    stage: Stage, databases: Cluster | None, sample_night: SampleNight, lay_samples: LaySamples
) -> None:
    """Each dies at a moment drawn by KLA_TEST_SEED and is brought back; the worker last, with the night it runs."""
    from kla.io.samples import sample_days

    draw = random.Random(os.environ.get("KLA_TEST_SEED", "0"))
    code = draw.choice(["53.71", "63.10", "64.02"])
    lay_samples(stage.var / "inbox", [code])
    stage.start_worker()
    before = len(stage.ledger("run_id", "nightly"))
    asked = {"districts": [code], "as_of": sample_days()[code].isoformat(), "who": "Siti"}
    disturbed = started(stage, "nightly", asked)
    until("the night in the ledger", lambda: len(stage.ledger("run_id", "nightly")) > before)
    for kill in [*draw.sample([kill_server, kill_database], k=2), kill_worker]:
        time.sleep(draw.uniform(0, 1.5))
        kill(stage, databases)
    assert stage.ended(disturbed)["state"]["type"] in ("CRASHED", "COMPLETED"), "it was buried, unless it was quicker"
    again = stage.ended(started(stage, "nightly", asked))
    assert again["state"]["type"] == "COMPLETED"
    assert stage.ledger("status", "nightly")[-1][0] in ("complete", "partial")
    with (
        open_warehouse(stage.warehouse_url) as here,
        open_warehouse(f"sqlite:///{sample_night.var / 'warehouse.db'}") as undisturbed,
    ):
        assert facts(here, code) == facts(undisturbed, code)
    assert pages(stage.var, code) == pages(sample_night.var, code)


def kill_database(_stage: Stage, databases: Cluster | None) -> None:
    if databases:
        databases.kill()
        databases.start()


def kill_server(stage: Stage, _databases: Cluster | None) -> None:
    stage.kill("server")
    stage.start_server()


def kill_worker(stage: Stage, _databases: Cluster | None) -> None:
    """Kill the worker and the run it started, which outlives it but for systemd; a new one frees the place of the dead."""
    stage.kill("worker")
    ((process,),) = stage.ledger("process", "nightly")[-1:]
    with contextlib.suppress(ProcessLookupError):
        os.kill(int(process.split()[-2]), signal.SIGKILL)
    stage.start_worker()


def facts(warehouse: Warehouse, code: str) -> list[str]:
    """Return the lines of a warehouse's export that are about a district."""
    target = io.BytesIO()
    export(warehouse, target)
    lines = [(json.loads(line), line.decode()) for line in target.getvalue().splitlines()]
    own = {row["submission_id"] for row, _ in lines if row["table"] == "submission" and row["district_code"] == code}
    assert own
    return [line for row, line in lines if row.get("district_code") == code or row.get("submission_id") in own]


def pages(var: Path, code: str) -> dict[str, bytes]:
    """Return every published file of a district by its name, but for the manifest, which names the run."""
    files = sorted(path for path in (var / "public" / code).rglob("*") if path.is_file())
    assert files
    return {str(path.relative_to(var)): path.read_bytes() for path in files if path.name != "manifest.json"}
