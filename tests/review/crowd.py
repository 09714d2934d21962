"""People who review over HTTP, many at once: each takes, answers most and walks away from the rest."""

import math
import random
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import httpx
from tests.review.running_review import answer, token_of

AT_ONCE, MOMENT_S = 2, 0.002


@dataclass
class Crowd:
    """What they did: every offer of a request as when its lease lapsed, and the answers that the API took."""

    url: str
    names: list[str]
    abandoned_share: float = 0.0
    offers: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    abandoned: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    taken: dict[str, str] = field(default_factory=dict)
    answered_at: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._review, args=(name,)) for name in self.names]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def late(self, lease_s: float) -> list[float]:
        """How long abandoned requests waited, from their lapse until somebody was given them again or answered late.

        Those answered before they lapsed are only waiting for Kafka. Leases and answers have the clock of one machine.
        """
        waits = []
        for request_id, lapses in self.abandoned.items():
            given = [lapse - lease_s for lapse in self.offers[request_id]]
            answered = self.answered_at.get(request_id, math.inf)
            ends = [*given, answered]
            waits += [
                min(end for end in ends if end > lapsed - MOMENT_S) - lapsed for lapsed in lapses if lapsed < answered
            ]
        return waits

    def _review(self, name: str) -> None:
        chance = random.Random(name)
        headers = {"Authorization": f"Bearer {token_of(name)}"}
        with httpx.Client(base_url=self.url, headers=headers, timeout=30) as api:
            while not self._stop.is_set():
                given = self._next(api)
                for request in given:
                    self._turn_to(request, name, chance, api)
                self._stop.wait(0.0 if given else 0.05)

    @staticmethod
    def _next(api: httpx.Client) -> list[dict[str, Any]]:
        try:
            response = api.post("/v1/next", json={"count": AT_ONCE})
        except httpx.HTTPError:
            return []
        requests: list[dict[str, Any]] = response.json()["requests"] if response.is_success else []
        return requests

    def _turn_to(self, request: dict[str, Any], name: str, chance: random.Random, api: httpx.Client) -> None:
        request_id, lapses = request["request_id"], datetime.fromisoformat(request["lease_expires_at"]).timestamp()
        walks_away = chance.random() < self.abandoned_share
        with self._lock:
            self.offers[request_id].append(lapses)
            if walks_away:
                self.abandoned[request_id].append(lapses)
        if not walks_away:
            self._answer(answer(request, label=request["labels"][0], response_id=f"{name} {request_id} {lapses}"), api)

    def _answer(self, given: dict[str, Any], api: httpx.Client) -> None:
        began = time.time()
        try:
            is_taken = api.post("/v1/answers", json=given).status_code == 202
        except httpx.HTTPError:
            return
        if is_taken:
            with self._lock:
                self.taken[given["response_id"]] = given["record_id"]
                self.answered_at.setdefault(given["request_id"], began)
