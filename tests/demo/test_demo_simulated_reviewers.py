"""Reviewers who are no people."""

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.waiting import eventually

from winnow.demo.simulated_reviewers import Conduct, ReviewersRefused, SimulatedReviewers, simulated_answer

LABELS = ("ham", "spam", "eggs")


def answers(conduct: Conduct, count: int = 2000) -> list[str | None]:
    return [simulated_answer(conduct, "ada", f"s/0/{number}", "ham", LABELS).label for number in range(count)]


def test_they_are_right_as_often_as_told() -> None:
    right = answers(Conduct(accuracy=0.9)).count("ham")

    assert 1740 <= right <= 1860


def test_their_mistakes_are_spread_over_the_other_labels() -> None:
    given_labels = answers(Conduct(accuracy=0.0))

    assert "ham" not in given_labels
    assert min(given_labels.count("spam"), given_labels.count("eggs")) > 900


def test_another_seed_makes_other_mistakes() -> None:
    assert answers(Conduct(accuracy=0.5, seed=1)) != answers(Conduct(accuracy=0.5, seed=2))


@given(st.text(), st.text(), st.floats(0, 1), st.sampled_from(LABELS))
def test_an_answer_is_always_the_same_and_one_of_the_labels(
    reviewer: str, request_id: str, accuracy: float, truth: str
) -> None:
    conduct = Conduct(accuracy=accuracy, delay_s=1)

    answer = simulated_answer(conduct, reviewer, request_id, truth, LABELS)

    assert answer == simulated_answer(conduct, reviewer, request_id, truth, LABELS)
    assert answer.label in LABELS
    assert 0.5 <= answer.seconds <= 1.5


def test_a_record_they_do_not_know_is_skipped() -> None:
    assert simulated_answer(Conduct(), "ada", "s/0/1", None, LABELS).action == "skip"


class Desk(http.server.BaseHTTPRequestHandler):
    """Offers request after request; takes answers; lets only `good` tokens in; loses every third lease."""

    offered = 0
    taken: list[dict[str, Any]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["Authorization"] != "Bearer good":
            self._reply(401, {})
        elif self.path == "/v1/next":
            type(self).offered += 1
            request = {"request_id": f"s/0/{Desk.offered}", "record_id": "r", "labels": LABELS}
            self._reply(200, {"requests": [request]})
        elif Desk.offered % 3 == 0:
            self._reply(409, {})
        else:
            Desk.taken.append(body)
            self._reply(202, {})

    def log_message(self, *_: object) -> None:
        pass

    def _reply(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def desk() -> Iterator[str]:
    Desk.offered, Desk.taken = 0, []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_they_answer_what_they_are_asked_and_go_on_when_a_lease_is_lost(desk: str) -> None:
    conduct = Conduct(accuracy=1.0, delay_s=0.001)

    with SimulatedReviewers(desk, ["good"], {"r": "ham"}, conduct) as reviewers:
        eventually(lambda: reviewers.done()["label"] >= 10, within_s=20, what="ten answers")

    labels = [answer["label"] for answer in Desk.taken if answer["action"] == "label"]
    assert set(labels) == {"ham"}
    assert len({answer["response_id"] for answer in Desk.taken}) == len(Desk.taken)


def test_a_stranger_is_told_to_the_caller(desk: str) -> None:
    with SimulatedReviewers(desk, ["bad"], {"r": "ham"}, Conduct()) as reviewers:

        def refused() -> str:
            try:
                reviewers.done()
            except ReviewersRefused as error:
                return str(error)
            return ""

        assert "401" in eventually(refused, within_s=20, what="the refusal")
