"""Which processes a deployment has, each with what place and port."""

import pytest

from winnow.cli import main
from winnow.cli.service_fleet import fleet, ports_from, slot_of, with_scorers
from winnow.runtime.settings import HTTP_PORTS, Settings

SETTINGS = Settings(kafka={"bootstrap_servers": "localhost:1"}, slot="4")


def places(scorers, settings=SETTINGS):
    processes = fleet(settings, with_scorers(ports_from(None), scorers), logs=None)
    return {one.name: (one.environment["WINNOW_SLOT"], int(one.environment["WINNOW_HTTP__PORT"])) for one in processes}


def test_each_scorer_has_a_slot_and_a_port_of_its_own():
    scorers = {name: place for name, place in places(3).items() if name.startswith("scorer")}
    assert scorers == {"scorer": ("4", 8001), "scorer.1": ("5", 8011), "scorer.2": ("6", 8021)}


def test_the_ports_of_many_scorers_meet_none_of_another_process():
    ports = with_scorers(ports_from(None), 100)
    assert len(set(ports.values())) == len(ports) == 99 + len(HTTP_PORTS)


def test_any_free_port_stays_any_free_port():
    assert with_scorers({"scorer": 0}, 3) == {"scorer": 0, "scorer.1": 0, "scorer.2": 0}


def test_slots_with_names_get_a_number_behind():
    assert [slot_of("east", number) for number in range(3)] == ["east", "east.1", "east.2"]


def test_scorers_start_together_and_before_reviewers_are_let_in():
    assert list(places(2)) == ["learner", "monitor", "scorer", "scorer.1", "review", "dashboard"]


def test_only_scorers_run_as_several_workers(capsys: pytest.CaptureFixture[str]):
    assert main(["run", "review", "--workers", "2"]) == 2
    assert "a review is one process" in capsys.readouterr().err
