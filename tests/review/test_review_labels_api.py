"""Finished labels over HTTP: found, looked at, put in doubt; and by nobody who reviews."""

import json

import httpx
import pytest
from tests.review.running_review import RunningReview, answer, problem, take_all
from tests.support.waiting import eventually

from winnow.cli import main
from winnow.cli.settings_options import as_environment


def _finish(desk: RunningReview, count: int) -> list[str]:
    """So many records that ada has labelled spam; their ids."""
    desk.fresh(count)
    with desk.client("ada") as ada:
        requests = take_all(ada, count)
        for request in requests:
            ada.post("/v1/answers", json=answer(request)).raise_for_status()
    return [request["record_id"] for request in requests]


def _found(api: httpx.Client, **query: object) -> list[str]:
    return [label["record_id"] for label in api.get("/v1/labels", params=query).json()["labels"]]


def test_a_finished_label_is_found_put_in_doubt_and_answered_anew(desk: RunningReview) -> None:
    (record_id,) = _finish(desk, 1)
    with desk.client("eve") as operator, desk.client("ben") as ben:
        eventually(lambda: record_id in _found(operator, q=record_id), what="the label")
        whole = operator.get(f"/v1/records/{record_id}").json()
        assert whole["verdict"]["answers"] == {"ada": "spam"}
        assert whole["record"]["id"] == record_id
        for _ in range(2):
            disputed = operator.post(f"/v1/labels/{record_id}/dispute", json={"note": "it is a bill"})
            assert (disputed.status_code, disputed.json()["revision"]) == (202, 2)
        (again,) = take_all(ben, 1)
        assert (again["record_id"], again["blind"]) == (record_id, True)
        ben.post("/v1/answers", json=answer(again, label="ham")).raise_for_status()
        eventually(lambda: operator.get(f"/v1/records/{record_id}").json()["label"]["label"] == "ham")
        assert operator.get(f"/v1/records/{record_id}").json()["label"]["revision"] == 3


def test_labels_are_searched_by_id_label_and_source_page_by_page(desk: RunningReview) -> None:
    ids = _finish(desk, 3)
    with desk.client("eve") as operator:
        eventually(lambda: set(ids) <= set(_found(operator, q="record-", limit=100)), what="the labels")
        assert _found(operator, q=ids[0], label="ham") == []
        assert _found(operator, q=ids[0], source="auto") == []
        assert len(_found(operator, limit=2)) == 2
        page = operator.get("/v1/labels").json()
        assert page["looked_at"] >= 3
        assert page["before"] is None
        problem(operator.get("/v1/labels", params={"before": "many"}), 422, "invalid")
        assert operator.get("/v1/labels", params={"before": "0-0"}).json()["labels"] == []


def test_a_record_nobody_labelled_cannot_be_disputed(desk: RunningReview) -> None:
    with desk.client("eve") as operator:
        problem(operator.post("/v1/labels/no/such/record/dispute", json={}), 404, "unknown-record")
        problem(operator.get("/v1/records/no/such/record"), 404, "unknown-record")


@pytest.mark.parametrize("path", ["/v1/labels", "/v1/records/record-0"])
def test_reviewers_see_no_finished_labels_for_blind_must_stay_blind(desk: RunningReview, path: str) -> None:
    with desk.client("ada") as reviewer:
        problem(reviewer.get(path), 403, "not-yours")
        problem(reviewer.post("/v1/labels/record-0/dispute", json={}), 403, "not-yours")


def test_consumers_dispute_and_do_not_review(desk: RunningReview) -> None:
    (record_id,) = _finish(desk, 1)
    with desk.client("archive") as consumer:
        eventually(lambda: record_id in _found(consumer, q=record_id), what="the label")
        problem(consumer.post("/v1/next", json={"count": 1}), 403, "not-yours")
        assert consumer.post(f"/v1/labels/{record_id}/dispute", json={}).status_code == 202
        eventually(lambda: consumer.get("/v1/queue").json()["open"] == 1, what="its way back into the line")


def test_winnow_dispute_brings_a_finished_label_before_people_again(
    desk: RunningReview, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (record_id,) = _finish(desk, 1)
    for name, value in as_environment(desk.settings).items():
        monkeypatch.setenv(name, value)
    with desk.client("eve") as operator, desk.client("ben") as ben:
        eventually(lambda: record_id in _found(operator, q=record_id), what="the label")
        assert main(["dispute", record_id, "--note", "a customer complained", "--operator", "kim"]) == 0
        assert f"{record_id}: spam (by people, revision 2) is in doubt" in capsys.readouterr().out
        (again,) = take_all(ben, 1)
        assert (again["record_id"], again["blind"]) == (record_id, True)
        ben.post("/v1/answers", json=answer(again, label="ham")).raise_for_status()
        eventually(lambda: operator.get(f"/v1/records/{record_id}").json()["label"]["label"] == "ham")
        assert main(["dispute", record_id, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["label"], told["revision"]) == ("ham", 3)
        eventually(lambda: operator.get("/v1/queue").json()["open"] == 1, what="it in line once more")
    assert main(["dispute", "no-such-record"]) == 1
    assert (
        capsys.readouterr().err.strip().endswith("no-such-record: no label of no-such-record is among the newest ones")
    )
    said = [(each.reviewer, each.note) for each in desk.read("review-responses") if each.record_id == record_id]
    assert ("kim", "a customer complained") in said


def test_a_dispute_is_no_answer(desk: RunningReview) -> None:
    desk.fresh(1)
    with desk.client("ada") as ada:
        (request,) = take_all(ada, 1)
        problem(ada.post("/v1/answers", json=answer(request, "dispute")), 422, "invalid")
