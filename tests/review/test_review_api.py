"""The review API: who may do what, what is told of a request, and how it refuses."""

import json

import httpx
import pytest
import redis
from tests.review.running_review import NAMES, RunningReview, answer, problem, take_all, token_of
from tests.support.redis_server import RedisServer
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka


def test_a_request_brings_all_that_its_reviewer_may_see(desk: RunningReview) -> None:
    (number,) = desk.fresh(1)
    with desk.client() as api:
        (request,) = take_all(api, 1)
    lease = request.pop("lease_expires_at")
    assert lease.endswith("Z")
    assert request == {
        "request_id": f"streamid/0/{number}",
        "record_id": f"record-{number}",
        "record": {"id": f"record-{number}", "text": f"text of record {number}"},
        "labels": ["ham", "spam"],
        "blind": False,
        "reason": "uncertain",
        "suggestion": "ham",
        "scores": {"ham": 0.6, "spam": 0.4},
    }


def test_of_blind_requests_only_the_record_is_told_so_that_audits_look_like_the_others(desk: RunningReview) -> None:
    (ordinary,) = desk.fresh(1, blind=True)
    (audit,) = desk.fresh(1, decision={"reason": "audit", "look": "ledger", "propensity": 0.08}, blind=True)
    with desk.client() as api:
        views = {request["record_id"]: request for request in take_all(api, 2)}
        for view in views.values():
            assert set(view) == {"request_id", "record_id", "record", "labels", "blind", "lease_expires_at"}
        assert "0.08" not in json.dumps(views)
        for _ in range(2):
            statuses = {
                number: [
                    api.post("/v1/answers", json=answer(views[f"record-{number}"], action, response_id=f"{action}{n}"))
                    for n, action in enumerate(("put_back", "put_back"))
                ]
                for number in (ordinary, audit)
            }
        told = [[(each.status_code, sorted(each.json())) for each in responses] for responses in statuses.values()]
        assert told[0] == told[1]


def test_a_record_without_id_is_named_by_its_key_and_scripts_in_it_stay_text(desk: RunningReview) -> None:
    hostile = {"id": "x", "text": "<script>alert(1)</script>\u202eabc", "show": {"<b>": "&amp;"}}
    desk.fresh(1, record=hostile)
    with desk.client() as api:
        (request,) = take_all(api, 1)
    assert request["record"] == hostile


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic YTpi"}])
@pytest.mark.parametrize("path", ["/v1/next", "/v1/answers", "/v1/renew", "/v1/release"])
def test_without_a_known_token_nothing_is_told(desk: RunningReview, path: str, headers: dict[str, str]) -> None:
    response = httpx.post(f"{desk.url()}{path}", json={"count": 1}, headers=headers)
    problem(response, 401, "not-logged-in")


def test_a_revoked_token_ends_at_once_also_in_mid_session(desk: RunningReview) -> None:
    with httpx.Client(base_url=desk.url()) as page, desk.client("eve") as api:
        page.post("/login", json={"token": token_of("eve")}).raise_for_status()
        assert page.get("/v1/queue").status_code == api.get("/v1/queue").status_code == 200
        desk.write_reviewers("ada", "ben")
        try:
            eventually(lambda: api.get("/v1/queue").status_code == 401, within_s=10)
            assert page.get("/v1/queue").status_code == 401
        finally:
            desk.write_reviewers(*NAMES)
        eventually(lambda: api.get("/v1/queue").status_code == 200, within_s=10)


def test_the_page_s_cookie_cannot_write_without_the_page_s_word(desk: RunningReview) -> None:
    with httpx.Client(base_url=desk.url()) as page:
        problem(page.post("/login", json={"token": "nonsense"}), 401, "not-logged-in")
        login = page.post("/login", json={"token": token_of("ada")})
        cookie = login.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        problem(page.post("/v1/next", json={}), 403, "wrong-page")
        word = page.get("/v1/session").json()["csrf"]
        assert page.post("/v1/next", json={}, headers={"X-CSRF-Token": word}).status_code == 200
        name, ends, signature = page.cookies["winnow_session"].split(".")
    for forged in (f"{name}.{int(ends) + 1}.{signature}", f"{b'ben'.hex()}.{ends}.{signature}", "a.b.c", "é", ""):
        headers = {"Cookie": f"winnow_session={forged}".encode()}
        problem(httpx.get(f"{desk.url()}/v1/queue", headers=headers), 401, "not-logged-in")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"label": "eggs"}, "unknown-label"),
        ({"label": None}, "invalid"),
        ({"action": "approve"}, "invalid"),
        ({"seconds": -1}, "invalid"),
        ({"reviewer": "ben"}, "invalid"),
        ({"record_id": "another"}, "wrong-record"),
    ],
)
def test_answers_that_make_no_sense_are_refused(desk: RunningReview, body: dict[str, object], kind: str) -> None:
    desk.fresh(1)
    with desk.client() as api:
        (request,) = take_all(api, 1)
        problem(api.post("/v1/answers", json={**answer(request), **body}), 422, kind)


def test_an_answer_that_is_refused_takes_no_lease(desk: RunningReview) -> None:
    desk.fresh(1)
    with desk.client("ada") as ada, desk.client("ben") as ben:
        (request,) = take_all(ada, 1)
        ada.post("/v1/release", json={"request_ids": [request["request_id"]]}).raise_for_status()
        problem(ben.post("/v1/answers", json={**answer(request), "record_id": "another"}), 422, "wrong-record")
        (again,) = take_all(ada, 1)
        assert again["request_id"] == request["request_id"]


def test_a_lease_that_is_another_s_or_over_is_a_conflict(desk: RunningReview) -> None:
    desk.fresh(1)
    with desk.client("ada") as ada, desk.client("ben") as ben:
        (request,) = take_all(ada, 1)
        ids = {"request_ids": [request["request_id"]]}
        problem(ben.post("/v1/answers", json=answer(request)), 409, "lease-lost")
        problem(ben.post("/v1/renew", json=ids), 409, "lease-lost")
        assert ada.post("/v1/renew", json=ids).json()["leases"][0]["request_id"] == request["request_id"]
        assert ada.post("/v1/release", json=ids).json() == {"released": 1}
        (again,) = take_all(ben, 1)
        assert again["request_id"] == request["request_id"]
        ben.post("/v1/answers", json=answer(request)).raise_for_status()
        assert ben.post("/v1/answers", json=answer(request)).status_code == 202, "the same answer again is no harm"

        def told_closed() -> bool:
            late = ada.post("/v1/answers", json=answer(request, response_id="late"))
            return late.status_code == 409 and late.json()["type"].endswith("request-closed")

        eventually(told_closed, within_s=10)


def test_a_request_that_never_was_is_not_found(desk: RunningReview) -> None:
    nothing = {"request_id": "streamid/0/999999", "record_id": "nobody"}
    with desk.client() as api:
        problem(api.post("/v1/answers", json=answer(nothing)), 404, "unknown-request")
        problem(api.post("/v1/answers", json=answer(nothing, "undo")), 404, "unknown-request")


def test_a_skipped_record_comes_to_others_and_not_again_to_the_same(desk: RunningReview) -> None:
    desk.fresh(1)
    with desk.client("ada") as ada, desk.client("ben") as ben:
        (request,) = take_all(ada, 1)
        ada.post("/v1/answers", json=answer(request, "skip")).raise_for_status()
        (again,) = take_all(ben, 1)
        assert again["request_id"] == request["request_id"]
        ben.post("/v1/release", json={"request_ids": [again["request_id"]]})
        assert ada.post("/v1/next", json={}).json() == {"requests": []}


def test_a_record_put_back_is_offered_again(desk: RunningReview) -> None:
    desk.fresh(1)
    with desk.client() as api:
        (request,) = take_all(api, 1)
        api.post("/v1/answers", json=answer(request, "put_back")).raise_for_status()
        (again,) = take_all(api, 1)
    assert again["request_id"] == request["request_id"]


def test_the_queue_can_be_watched_without_taking_from_it(desk: RunningReview) -> None:
    desk.fresh(3)
    with desk.client() as api:
        take_all(api, 1)
        counts = eventually(lambda: told if (told := api.get("/v1/queue").json())["open"] == 3 else None)
        assert (counts["open"], counts["leased"], counts["waiting"]) == (3, 1, 2)
        assert set(counts["forecast"]) == {"growth_per_hour", "empty_at"}
        assert api.get("/v1/task").json()["labels"] == ["ham", "spam"]


def test_a_filter_of_next_and_the_counts_tell_nothing_of_blind_requests(desk: RunningReview) -> None:
    desk.fresh(2, blind=True, decision={"reason": "audit", "look": "ledger", "propensity": 0.08})
    (spam,) = desk.fresh(1, suggestion="spam", decision={"reason": "novel"})
    desk.fresh(1)
    with desk.client("ada") as ada, desk.client("eve") as operator:
        told = eventually(lambda: told if (told := ada.get("/v1/queue").json())["open"] == 4 else None)
        assert (told["blind"], told["by_reason"], told["by_label"]) == (
            2,
            {"novel": 1, "uncertain": 1},
            {"ham": 1, "spam": 1},
        )
        assert "leased_by" not in told
        assert ada.post("/v1/next", json={"count": 5, "reasons": ["audit"]}).json()["requests"] == []
        given = ada.post("/v1/next", json={"count": 5, "reasons": ["novel"], "labels": ["spam"]}).json()["requests"]
        assert [request["record_id"] for request in given if not request["blind"]] == [f"record-{spam}"]
        assert operator.get("/v1/queue").json()["leased_by"] == {"ada": len(given)}


def test_an_operator_pauses_the_queue_and_lets_it_go_on_and_a_flush_forgets_no_pause(
    desk: RunningReview, redis_server: RedisServer
) -> None:
    desk.fresh(2)
    with desk.client("ada") as ada, desk.client("eve") as operator, redis.Redis.from_url(redis_server.url) as client:
        (held,) = take_all(ada, 1)
        problem(ada.post("/v1/queue/pause", json={}), 403, "not-yours")
        operator.post("/v1/queue/pause", json={"note": "new guidelines"}).raise_for_status()
        assert ada.post("/v1/next", json={"count": 5}).json()["requests"] == []
        assert ada.post("/v1/answers", json=answer(held)).status_code == 202
        eventually(lambda: operator.get("/v1/queue").json()["open"] == 1)
        marks = f"{{{desk.settings.prefix}}}:review:marks"
        client.hdel(marks, "0")
        eventually(lambda: client.hget(marks, "0"), what="a worker that has looked at Redis since the pause")
        client.flushall()
        told = eventually(lambda: told if (told := operator.get("/v1/queue").json())["pause"] else None)
        assert (told["pause"]["by"], told["pause"]["note"]) == ("eve", "new guidelines")
        assert operator.post("/v1/queue/resume", json={}).json() == {"pause": None}
        assert take_all(ada, 1)


def test_operators_see_how_everybody_does_and_reviewers_only_themselves(desk: RunningReview) -> None:
    desk.fresh(2)
    with desk.client() as api:
        for request in take_all(api, 2):
            api.post("/v1/answers", json=answer(request, seconds=3.0)).raise_for_status()
        problem(api.get("/v1/reviewers"), 403, "not-yours")
        mine = eventually(
            # Other tests may have answered as ada before, without telling how long it took.
            lambda: (
                me
                if (me := api.get("/v1/reviewers/me").json())["day"]["answers"] >= 2 and me["day"]["median_seconds"]
                else None
            )
        )
        assert (mine["name"], mine["active"], mine["needs_second"]) == ("ada", True, False)
        assert mine["accuracy"]["estimate"] is None
    with desk.client("eve") as api:
        everybody = {each["name"]: each for each in api.get("/v1/reviewers").json()["reviewers"]}
    assert set(everybody) == {"ada", "ben", "eve"}
    assert everybody["ada"]["day"]["median_seconds"] > 0


def test_the_api_describes_itself_for_people_and_programs(desk: RunningReview) -> None:
    page = httpx.get(f"{desk.url()}/v1/docs")
    assert page.headers["content-type"].startswith("text/html")
    for told in (
        "POST /v1/next",
        "response_id",
        "POST /v1/labels/{record_id}/dispute",
        "urn:winnow:problem:lease-lost",
    ):
        assert told in page.text, told
    paths = httpx.get(f"{desk.url()}/v1/openapi.json").json()["paths"]
    untold = [path for path, calls in paths.items() for call in calls.values() if not call.get("description")]
    assert untold == []


def test_a_body_beyond_the_limit_is_not_read(desk: RunningReview) -> None:
    with desk.client() as api:
        problem(api.post("/v1/next", content=b" " * 70_000), 413, "too-large")
        problem(api.post("/v1/next", content=b"{"), 422, "invalid")


def test_every_answer_carries_the_headers_that_bind_the_browser(desk: RunningReview) -> None:
    for path in ("/", "/page/review.js", "/healthz", "/v1/queue", "/nowhere"):
        headers = httpx.get(f"{desk.url()}{path}").headers
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert "unsafe" not in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff"


def test_operators_see_how_the_worker_is(desk: RunningReview) -> None:
    desk.fresh(2)
    with desk.client() as api:
        take_all(api, 2)
    assert httpx.get(f"{desk.url()}/healthz").status_code == 200
    assert httpx.get(f"{desk.url()}/readyz").json() == {"service": "review", "status": "ready"}
    eventually(lambda: "winnow_review_open 2.0" in httpx.get(f"{desk.url()}/metrics").text, within_s=10)
    metric = eventually(lambda: [m for m in desk.read("metrics") if m.values.get("open") == 2], within_s=10)[-1]
    assert (metric.family, metric.source) == ("queue", "review-0")
    assert {"open", "leased", "answered", "oldest_s", "ignored", "dead", "reviewers"} <= set(metric.values)


def test_without_redis_the_api_says_so_and_comes_back_with_everything(
    desk: RunningReview, redis_server: RedisServer
) -> None:
    desk.fresh(3)
    with desk.client() as api:
        take_all(api, 3)
        redis_server.kill()
        problem(api.post("/v1/next", json={}), 503, "unavailable")
        redis_server.start()
        assert len(take_all(api, 3)) == 3


def test_one_request_can_be_taken_by_its_name_unless_somebody_has_it(desk: RunningReview) -> None:
    desk.fresh(1)
    with desk.client("ada") as ada, desk.client("ben") as ben:
        (request,) = take_all(ada, 1)
        ids = {"request_ids": [request["request_id"]]}
        problem(ben.post("/v1/take", json=ids), 409, "lease-lost")
        ada.post("/v1/release", json=ids).raise_for_status()
        (again,) = ben.post("/v1/take", json=ids).json()["requests"]
        assert again["record"] == request["record"]
        problem(ada.post("/v1/take", json={"request_ids": ["streamid/0/999999"]}), 404, "unknown-request")


def test_open_records_of_a_document_come_together_where_that_is_asked_for(desk: RunningReview) -> None:
    texts = ("two oak boards", "sawing to size", "payable in May", "many thanks")
    groups = ("invoice 7", "invoice 7", "invoice 7", "invoice 8")
    document = [
        {"id": f"line {n}", "text": text, "group": group}
        for n, (text, group) in enumerate(zip(texts, groups, strict=True))
    ]
    for record in document:
        desk.fresh(1, record=record)
    with desk.client("ada") as ada, desk.client("ben") as ben:
        eventually(lambda: ada.get("/v1/queue").json()["open"] == 4)
        (first,) = take_all(ben, 1)
        together = eventually(lambda: ada.post("/v1/next", json={"count": 1, "documents": True}).json()["requests"])
        (group,) = {request["record"]["group"] for request in together}
        taken = {request["record_id"] for request in together}
        assert first["record_id"] not in taken, "it is in somebody's hands"
        assert taken | {first["record_id"]} >= {record["id"] for record in document if record["group"] == group}


def test_a_line_that_was_missed_becomes_a_label_of_its_own(desk: RunningReview) -> None:
    added = {"response_id": "missed", "record": {"text": "VAT 20 %", "group": "invoice 7"}, "label": "ham"}
    with desk.client() as api:
        record_id = api.post("/v1/records", json=added).json()["record_id"]
        assert api.post("/v1/records", json=added).json()["record_id"] == record_id
        problem(api.post("/v1/records", json=added | {"label": "eggs"}), 422, "unknown-label")
        problem(api.post("/v1/records", json=added | {"record": {"group": "nothing in it"}}), 422, "invalid")
        half = json.dumps(added | {"record": {"text": "half a \ud83d"}})
        api.headers["Content-Type"] = "application/json"
        assert "surrogate" in problem(api.post("/v1/records", content=half), 422, "invalid")
        assert "not JSON from character 9 on" in problem(api.post("/v1/next", content='{"count":'), 422, "invalid")
        for response_id in ("undo", "undo", "once more"):
            undo = api.post("/v1/records/undo", json={"response_id": response_id, "added": "missed"})
            assert (undo.status_code, undo.json()["record_id"]) == (202, record_id)

    def written() -> list[tuple[str | None, str, str | None]]:
        labels = [each for each in desk.read("labels") if each.record_id == record_id]
        return [(each.label, each.source, each.group) for each in labels]

    eventually(lambda: written() == [("ham", "human", "invoice 7"), (None, "recall", None)], within_s=15)
