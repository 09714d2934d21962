"""Reviewing without the page: the Python client, and an outside system through the topics alone."""

import importlib.util
from itertools import islice
from pathlib import Path
from types import ModuleType

import pytest
from tests.review.running_review import RunningReview, token_of
from tests.support.waiting import eventually

from winnow.client import ReviewClient, ReviewProblem

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "outside_review.py"


def _tasks(client: ReviewClient, count: int) -> list:
    tasks: list = []
    eventually(lambda: tasks.extend(client.next(count - len(tasks))) or len(tasks) == count, what="tasks")
    return tasks


def test_a_program_labels_skips_puts_back_and_undoes(desk: RunningReview) -> None:
    before = len(desk.read("verdicts"))
    desk.fresh(3)
    with ReviewClient(desk.url(), token_of("ada")) as client:
        first, second, third = _tasks(client, 3)
        assert first.labels == ("ham", "spam")
        assert first.suggestion == "ham"
        assert client.renew([first, second]) == []
        client.label(first, "spam", seconds=1.5)
        client.skip(second, note="in a language I do not read")
        client.put_back(third)
        eventually(lambda: len(desk.read("verdicts")) == before + 1, what="the verdict")
        client.undo(first)
        assert client.queue()["open"] >= 0
        assert client.me()["name"] == "ada"


def test_a_program_is_told_in_one_line_what_is_wrong(desk: RunningReview) -> None:
    desk.fresh(1)
    with ReviewClient(desk.url(), token_of("ada")) as ada, ReviewClient(desk.url(), "nobody's") as stranger:
        (task,) = _tasks(ada, 1)
        with pytest.raises(ReviewProblem, match="unknown-label: one of ham, spam") as refused:
            ada.label(task, "eggs")
        assert (refused.value.kind, refused.value.status) == ("unknown-label", 422)
        with pytest.raises(ReviewProblem, match="not-logged-in"):
            stranger.next()
        assert ada.release([task]) == 1


def test_a_consumer_finds_a_label_and_disputes_it(desk: RunningReview) -> None:
    desk.fresh(1)
    with ReviewClient(desk.url(), token_of("ada")) as ada, ReviewClient(desk.url(), token_of("archive")) as archive:
        (task,) = _tasks(ada, 1)
        ada.label(task, "spam")
        eventually(lambda: archive.labels(q=task.record_id)["labels"], what="the label")
        assert archive.record(task.record_id)["label"]["label"] == "spam"
        assert archive.dispute(task.record_id, "no advertisement")["revision"] == 2
        eventually(lambda: archive.queue()["open"] == 1, what="its way back into the line")


def _example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("outside_review", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_example_of_an_outside_system_reviews_through_the_topics_alone(desk: RunningReview) -> None:
    numbers = desk.fresh(3)
    asked = {f"streamid/0/{number}" for number in numbers}
    kafka = {"bootstrap.servers": desk.settings.bootstrap_servers}
    answered: set[str] = set()
    for request_id in islice(_example().review(kafka, "ben", lambda _record: "ham", desk.settings.prefix), 5_000):
        answered.add(request_id)
        if asked <= answered:
            break
    found = eventually(
        lambda: each if len(each := [v for v in desk.read("verdicts") if v.request_id in asked]) == 3 else None,
        what="three verdicts",
    )
    assert all(verdict.answers == {"ben": "ham"} for verdict in found)
