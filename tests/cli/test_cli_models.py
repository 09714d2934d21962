"""`winnow models`: what the topic says, in words and on a page; and a command among the verdicts of a real broker."""

from datetime import UTC, datetime

import pytest
from tests.learner.school import NOW, School, task_of
from tests.learner.test_learner_promotion import BETTER_TREE, command, taught

from winnow.cli.failures import CommandFailed
from winnow.cli.model_commands import command_of
from winnow.cli.model_words import against_rows, grade_rows, label_rows, list_rows
from winnow.cli.models_command import _report, _tell_champion
from winnow.cli.models_feed import Models
from winnow.cli.terminal import say_table
from winnow.replay.report.model_page import model_page
from winnow.runtime.errors import UsageError
from winnow_schemas.codec import decode, encode
from winnow_schemas.verdicts import Lesson


@pytest.fixture(scope="module")
def models():
    school = School(BETTER_TREE)
    taught(school, 0, 90).publish()
    taught(school, 90, 95, NOW + 70)
    school.learn(command(95, "promote", model="hoeffding_tree")).publish(NOW + 70)
    said = Models()
    said.take(school.models)
    return said


def test_the_champion_is_the_newest_of_what_scorers_read_and_kept_versions_are_known(models):
    assert (models.champion.name, models.champion.version) == ("hoeffding_tree", 96)
    assert {version: one.name for version, one in models.kept.items()} == {95: "logistic"}


def test_erased_versions_are_forgotten_and_what_breaks_its_contract_is_passed_over(models):
    again = Models()
    message = taught(School(BETTER_TREE), 0, 1).models
    assert message == []
    again.kept = dict(models.kept)
    school = School(BETTER_TREE)
    taught(school, 0, 5).publish()
    manifest = next(one for one in school.models if one.key == b"champion")
    again.take([manifest._replace(key=b"kept/95", value=None), manifest._replace(value=b"{")])
    assert (again.kept, again.champion) == ({}, None)


def test_reports_are_told_as_rows_the_champion_first(models):
    rows = list_rows(models)
    assert [row[:3] for row in rows] == [("hoeffding_tree", "champion", "95"), ("logistic", "challenger", "95")]
    report = _report(models, "logistic")
    assert {name: live for name, live, _ in grade_rows(report)}["verdicts"] == "95"
    assert {row[0] for row in label_rows(report)} == {"small", "large"}
    assert dict(against_rows(report.against))["what got worse"] == "nothing"


def test_candidates_of_a_search_are_told_as_such_with_their_settings_and_forgotten_when_they_leave(capsys):
    school = School(task_of(model={"champion": "logistic", "search": ["logistic"]}))
    taught(school, 0, 40).publish()
    said = Models()
    said.take(school.models)
    rows = {row[0]: row[1] for row in list_rows(said)}
    assert rows["logistic"] == "champion"
    assert rows["logistic[learning_rate=0.2]"] == "candidate, round 1 of 3"
    say_table("Models of logistic[l2=1]", ("model", "role"), list(rows.items()))
    assert "logistic[learning_rate=0.2]" in (printed := capsys.readouterr().out)
    assert "Models of logistic[l2=1]" in printed
    assert "is a candidate of a search" in model_page(said.reports["logistic[l2=0.0001]"], list(said.reports.values()))
    taught(school, 40, 220).publish(NOW + 70)
    said.take(school.models)
    assert len(said.reports) == 1 + 4


def test_without_a_name_the_champion_is_shown_and_an_unknown_name_is_told(models):
    assert _report(models, None).name == "hoeffding_tree"
    with pytest.raises(UsageError, match="no report on oracle; reports: "):
        _report(models, "oracle")
    with pytest.raises(UsageError, match="they come with the first verdicts"):
        _report(Models(), None)


def test_a_refused_command_fails(models, capsys):
    _tell_champion(models, "hoeffding_tree", as_json=False)
    assert capsys.readouterr().out == "hoeffding_tree decides, as version 96 (95 verdicts learned)\n"
    with pytest.raises(CommandFailed, match="refused"):
        _tell_champion(models, "logistic", as_json=False)


def test_the_page_has_all_sections_and_names_nothing_from_outside(models):
    page = model_page(_report(models, "logistic"), list(models.reports.values()))
    for heading in ("Against hoeffding_tree", "How it learned", "Label by label", "Which labels it mixes up"):
        assert heading in page
    assert "<script src" not in page
    assert "<link" not in page


def test_a_command_is_a_lesson_of_its_own_kind():
    said = command_of("rollback", "duty-desk", "why", version=7)
    assert decode(Lesson, encode(said)) == said
    assert said.at <= datetime.now(UTC)
