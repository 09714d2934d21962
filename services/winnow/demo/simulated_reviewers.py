"""Reviewers who are no people, but use the review API just as people's browsers do.

They know the true label of each record, are right as often as told, and take their time. What one
answers depends on the seed, the reviewer and the request only, so that a run can be repeated.
"""

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

RETRY_S = 0.5
IDLE_S = 0.1


@dataclass(frozen=True)
class Conduct:
    """How they work: share of right answers, mean seconds for one, requests taken at a time."""

    accuracy: float = 0.97
    delay_s: float = 0.1
    at_once: int = 4
    seed: int = 1


@dataclass(frozen=True)
class SimulatedAnswer:
    """What a reviewer does with a request (`label` or, not knowing the record, `skip`) after how many seconds."""

    action: str
    label: str | None
    seconds: float


def simulated_answer(
    conduct: Conduct, reviewer: str, request_id: str, truth: str | None, labels: Sequence[str]
) -> SimulatedAnswer:
    """The answer this reviewer gives to this request, always the same one."""
    mistake, choice, pace = _three_fractions(f"{conduct.seed}|{reviewer}|{request_id}")
    seconds = conduct.delay_s * (0.5 + pace)
    if truth is None:
        return SimulatedAnswer("skip", None, seconds)
    wrong = [label for label in labels if label != truth]
    if wrong and mistake >= conduct.accuracy:
        return SimulatedAnswer("label", wrong[int(choice * len(wrong))], seconds)
    return SimulatedAnswer("label", truth, seconds)


def _three_fractions(text: str) -> tuple[float, float, float]:
    digest = hashlib.blake2b(text.encode(), digest_size=24).digest()
    first, second, third = (int.from_bytes(digest[at : at + 8]) / 2**64 for at in (0, 8, 16))
    return first, second, third


class ReviewersRefused(Exception):
    """The review API does not let a simulated reviewer in."""


class SimulatedReviewers:
    """One thread for each token, from `__enter__` to `__exit__`. `done` counts answers by action."""

    def __init__(self, url: str, tokens: Sequence[str], truth: Mapping[str, str], conduct: Conduct) -> None:
        self._url = url.rstrip("/")
        self._truth = truth
        self._conduct = conduct
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._done: Counter[str] = Counter()
        self._refusal: str | None = None
        self._threads = [
            threading.Thread(target=self._work, args=(f"reviewer {number}", token), daemon=True)
            for number, token in enumerate(tokens, start=1)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=5)

    def done(self) -> Counter[str]:
        """Answers given so far, by action; raises `ReviewersRefused` when one was not let in."""
        with self._lock:
            if self._refusal:
                raise ReviewersRefused(self._refusal)
            return Counter(self._done)

    def stop(self) -> None:
        """Take no further requests."""
        self._stop.set()

    def _work(self, reviewer: str, token: str) -> None:
        with httpx.Client(base_url=self._url, headers={"Authorization": f"Bearer {token}"}, timeout=10) as api:
            while not self._stop.is_set():
                requests = self._next(api)
                if not requests:
                    self._stop.wait(IDLE_S)
                for request in requests:
                    self._answer(api, reviewer, request)

    def _next(self, api: httpx.Client) -> list[dict[str, Any]]:
        response = self._post(api, "/v1/next", {"count": self._conduct.at_once})
        return list(response.json()["requests"]) if response is not None else []

    def _answer(self, api: httpx.Client, reviewer: str, request: dict[str, Any]) -> None:
        request_id, record_id = request["request_id"], request["record_id"]
        began = time.monotonic()
        answer = simulated_answer(
            self._conduct, reviewer, request_id, self._truth.get(record_id), request.get("labels", ())
        )
        if self._stop.wait(answer.seconds):
            self._put_back(api, reviewer, request)
            return
        body = {
            "response_id": f"{reviewer}/{request_id}",
            "request_id": request_id,
            "record_id": record_id,
            "action": answer.action,
            "seconds": round(time.monotonic() - began, 3),
        }
        if answer.label is not None:
            body["label"] = answer.label
        if self._post(api, "/v1/answers", body) is not None:
            with self._lock:
                self._done[answer.action] += 1

    def _put_back(self, api: httpx.Client, reviewer: str, request: dict[str, Any]) -> None:
        body = {
            "response_id": f"{reviewer}/{request['request_id']}/put back",
            "request_id": request["request_id"],
            "record_id": request["record_id"],
            "action": "put_back",
        }
        self._post(api, "/v1/answers", body)

    def _post(self, api: httpx.Client, path: str, body: dict[str, Any]) -> httpx.Response | None:
        """The response, or None when the lease was lost (409) or the service is away for a moment."""
        try:
            response = api.post(path, json=body)
        except httpx.TransportError:
            self._stop.wait(RETRY_S)
            return None
        if response.status_code in (401, 403):
            self._refuse(f"{response.status_code} from {self._url}{path}: is the token one of the reviewers file?")
        if response.status_code == 429 or response.status_code >= 500:
            self._stop.wait(RETRY_S)
        return response if response.is_success else None

    def _refuse(self, why: str) -> None:
        with self._lock:
            self._refusal = why
        self._stop.set()
