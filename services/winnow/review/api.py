"""The review API: what reviewers' pages and machines call. Versioned under `/v1`.

Endpoints are plain functions: FastAPI runs them on threads, where waiting for Redis and Kafka holds up
nobody else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response

from winnow.review import label_routes, openapi_page, page_files, problems
from winnow.review.answering import Answering
from winnow.review.identity import Identity
from winnow.review.known_reviewers import KnownReviewers
from winnow.review.label_routes import LabelDesk
from winnow.review.leasing import Leasing
from winnow.review.limits import BodyLimit, SecurityHeaders
from winnow.review.probes import Probes
from winnow.review.queue_status import Pause
from winnow.review.queue_watch import QueueWatch
from winnow.review.redis_queue import RedisQueue
from winnow.review.request_handles import RequestHandles
from winnow.review.reviewer_views import pause_view, queue_view, reviewer_view, second_opinion_notice
from winnow.review.reviewers import Reviewer
from winnow.review.rules import ReviewRules
from winnow.review.sessions import COOKIE, SESSION_S
from winnow.review.views import (
    AddedBody,
    AnswerBody,
    LoginBody,
    NextBody,
    PauseBody,
    RequestsBody,
    UndoAddedBody,
    moment,
)


@dataclass(frozen=True, slots=True)
class ReviewDesk:
    """What the endpoints work with."""

    task: str
    input: dict[str, Any]
    rules: ReviewRules
    queue: RedisQueue
    leasing: Leasing
    answering: Answering
    identity: Identity
    handles: RequestHandles
    probes: Probes
    labels: LabelDesk
    people: KnownReviewers
    watch: QueueWatch
    keep_pause: Callable[[Pause], None]
    clock: Callable[[], float]


def create_app(desk: ReviewDesk) -> FastAPI:
    """The whole HTTP side of the review service."""
    app = FastAPI(title="Winnow review", version="1", docs_url=None, redoc_url=None, openapi_url="/v1/openapi.json")
    problems.install(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
    app.include_router(_session_routes(desk))
    for routes in (_lease_routes, _answer_routes, _figure_routes):
        app.include_router(routes(desk), prefix="/v1")
    app.include_router(label_routes.routes(desk.labels), prefix="/v1")
    app.include_router(_queue_routes(desk), prefix="/v1")
    app.include_router(desk.probes.routes())
    app.include_router(page_files.routes())
    app.include_router(openapi_page.routes(app))
    return app


def _asker(desk: ReviewDesk) -> Callable[[Request], Reviewer]:
    def reviewer(request: Request) -> Reviewer:
        return desk.identity.of(request)

    return reviewer


def _reviewing(desk: ReviewDesk) -> Callable[[Request], Reviewer]:
    def reviewer(request: Request) -> Reviewer:
        asker = desk.identity.of(request)
        if not asker.may_review:
            raise problems.Problem("not-yours", "consumers look labels up and dispute them; they do not review")
        return asker

    return reviewer


def _session_routes(desk: ReviewDesk) -> APIRouter:
    router = APIRouter()
    sessions = desk.identity.sessions

    @router.post("/login")
    def login(body: LoginBody, request: Request, response: Response) -> dict[str, Any]:
        """Begin a session of the page: a cookie, good for half a day. Writes also need the word `csrf` as a header."""
        reviewer = desk.identity.logging_in(request, body.token)
        cookie = sessions.begin(reviewer)
        is_encrypted = request.url.scheme == "https"
        response.set_cookie(
            COOKIE, cookie, max_age=SESSION_S, httponly=True, samesite="strict", secure=is_encrypted, path="/"
        )
        return {"name": reviewer.name, "role": reviewer.role, "csrf": sessions.csrf_word(cookie, reviewer)}

    @router.post("/logout", status_code=204)
    def logout(response: Response) -> None:
        """End the page's session."""
        response.delete_cookie(COOKIE, path="/")

    @router.get("/v1/session")
    def session(request: Request, reviewer: Annotated[Reviewer, Depends(_asker(desk))]) -> dict[str, Any]:
        """Who is asking."""
        cookie = request.cookies.get(COOKIE, "")
        return {"name": reviewer.name, "role": reviewer.role, "csrf": sessions.csrf_word(cookie, reviewer)}

    return router


def _lease_routes(desk: ReviewDesk) -> APIRouter:
    router = APIRouter()
    asker = Annotated[Reviewer, Depends(_reviewing(desk))]

    @router.post("/next")
    def next_requests(body: NextBody, reviewer: asker) -> dict[str, Any]:
        """Lease requests: nobody else gets them until the lease lapses. `notice`: something that you should know."""
        return {"requests": _sealed(desk, desk.leasing.next(reviewer.name, body)), **_notice(desk, reviewer)}

    @router.post("/take")
    def take(body: RequestsBody, reviewer: asker) -> dict[str, Any]:
        """Lease these requests again, as far as nobody else has them."""
        real_ids = [desk.handles.real(each) for each in body.request_ids]
        return {"requests": _sealed(desk, desk.leasing.take(reviewer.name, real_ids))}

    @router.post("/renew")
    def renew(body: RequestsBody, reviewer: asker) -> dict[str, Any]:
        """Hold on to leases that have not lapsed; `lost` are those that have."""
        return _renewed(desk, reviewer, body.request_ids)

    @router.post("/release")
    def release(body: RequestsBody, reviewer: asker) -> dict[str, Any]:
        """Give leases back, for others."""
        return {"released": desk.queue.release(reviewer.name, [desk.handles.real(each) for each in body.request_ids])}

    return router


def _answer_routes(desk: ReviewDesk) -> APIRouter:
    router = APIRouter()
    asker = Annotated[Reviewer, Depends(_reviewing(desk))]

    @router.post("/answers", status_code=202)
    def answers(body: AnswerBody, reviewer: asker) -> dict[str, Any]:
        """Answer, skip, put back, or undo your answer to a request (also after it became a verdict)."""
        real_id = desk.handles.real(body.request_id)
        desk.answering.give(reviewer, body.model_copy(update={"request_id": real_id}))
        if body.label is not None:
            desk.leasing.labels.saw((body.label,))
        return {"response_id": body.response_id}

    @router.post("/records", status_code=202)
    def records(body: AddedBody, reviewer: asker) -> dict[str, Any]:
        """Add a record that nobody was asked about, with its label."""
        record_id = desk.answering.add(reviewer, body)
        desk.leasing.labels.saw((body.label,))
        return {"response_id": body.response_id, "record_id": record_id}

    @router.post("/records/undo", status_code=202)
    def undo_record(body: UndoAddedBody, reviewer: asker) -> dict[str, Any]:
        """Take back a record that you added: its verdict is erased, its label withdrawn."""
        return {"response_id": body.response_id, "record_id": desk.answering.take_back_added(reviewer, body)}

    return router


def _figure_routes(desk: ReviewDesk) -> APIRouter:
    router = APIRouter()
    asker = Annotated[Reviewer, Depends(_reviewing(desk))]
    for_reviewers_only = [Depends(_reviewing(desk))]

    @router.get("/reviewers")
    def reviewers(reviewer: asker) -> dict[str, Any]:
        """How everybody does: the last day's work, and how often they are right. For operators."""
        if reviewer.role != "operator":
            raise problems.Problem("not-yours", "only operators see how others do; your own figures: /v1/reviewers/me")
        return {"reviewers": [_figures_of(desk, each) for each in desk.identity.reviewers.all() if each.may_review]}

    @router.get("/reviewers/me")
    def own_figures(reviewer: asker) -> dict[str, Any]:
        """How you do."""
        return _figures_of(desk, reviewer) | _notice(desk, reviewer)

    @router.get("/task", dependencies=for_reviewers_only)
    def task() -> dict[str, Any]:
        """What is to be labelled, and how."""
        rules = desk.rules
        return {
            "task": desk.task,
            "labels": list(desk.leasing.labels.labels()),
            "open_labels": rules.open_labels,
            "answers": rules.answer_rule.answers,
            "lease_seconds": rules.lease.total_seconds(),
            "input": desk.input,
        }

    return router


def _queue_routes(desk: ReviewDesk) -> APIRouter:
    router = APIRouter()
    asker = Annotated[Reviewer, Depends(_asker(desk))]

    @router.get("/queue")
    def queue(reviewer: asker) -> dict[str, Any]:
        """How the queue stands: what is open, how long it waits, when it will be empty. Takes nothing from it."""
        status, now = desk.queue.status(), desk.clock()
        forecast = desk.watch.forecast(status.counts.open, now)
        view = queue_view(status, desk.queue.pause(), desk.watch.waiting(now), forecast)
        return view | ({"leased_by": dict(status.leased_by)} if reviewer.role == "operator" else {})

    @router.post("/queue/pause")
    def pause(body: PauseBody, reviewer: asker) -> dict[str, Any]:
        """Hand out nothing until somebody resumes. For operators."""
        return _say(desk, reviewer, body, is_paused=True)

    @router.post("/queue/resume")
    def resume(body: PauseBody, reviewer: asker) -> dict[str, Any]:
        """Go on handing out. For operators."""
        return _say(desk, reviewer, body, is_paused=False)

    return router


def _say(desk: ReviewDesk, reviewer: Reviewer, body: PauseBody, *, is_paused: bool) -> dict[str, Any]:
    if reviewer.role != "operator":
        raise problems.Problem("not-yours", "only operators pause the queue or let it go on")
    pause = Pause(is_paused, reviewer.name, desk.clock(), body.note)
    desk.keep_pause(pause)
    desk.queue.say(pause)
    return {"pause": pause_view(pause)}


def _notice(desk: ReviewDesk, reviewer: Reviewer) -> dict[str, Any]:
    """Told to those whose answers need another one beside them."""
    if not desk.people.needs_second(reviewer.name):
        return {}
    return {"notice": second_opinion_notice(desk.people.standing(reviewer.name), desk.rules.least_accuracy)}


def _figures_of(desk: ReviewDesk, reviewer: Reviewer) -> dict[str, Any]:
    people, now = desk.people, desk.clock()
    return reviewer_view(
        reviewer,
        people.standing(reviewer.name),
        people.activity(reviewer.name, now),
        needs_second=people.needs_second(reviewer.name),
        now=now,
    )


def _sealed(desk: ReviewDesk, views: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same, with ids that do not tell blind requests apart."""
    return [view | {"request_id": desk.handles.shown(view["request_id"], blind=view["blind"])} for view in views]


def _renewed(desk: ReviewDesk, reviewer: Reviewer, request_ids: list[str]) -> dict[str, Any]:
    kept, lost = [], []
    for request_id in request_ids:
        lease = desk.queue.hold(reviewer.name, desk.handles.real(request_id), "keep")
        if isinstance(lease, str):
            lost.append(request_id)
        else:
            kept.append({"request_id": request_id, "lease_expires_at": moment(lease.lapses_at)})
    if not kept:
        raise problems.Problem("lease-lost", "your time for it was over, or it is closed")
    return {"leases": kept, "lost": lost}
