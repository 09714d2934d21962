"""Who is asking: from the bearer token of a machine or the cookie of the page, never from a body."""

import hmac
from dataclasses import dataclass

from fastapi import Request

from winnow.review.limits import RateLimit
from winnow.review.problems import Problem
from winnow.review.reviewers import Reviewer, ReviewersFile
from winnow.review.sessions import COOKIE, Sessions

CSRF_HEADER = "X-CSRF-Token"


@dataclass(frozen=True, slots=True)
class Identity:
    """Finds the reviewer of an HTTP request, or raises `Problem`."""

    reviewers: ReviewersFile
    sessions: Sessions
    requests: RateLimit
    wrong_logins: RateLimit

    def of(self, request: Request) -> Reviewer:
        """The reviewer. A cookie may only write together with the page's word."""
        reviewer = self._by_token(request) or self._by_cookie(request)
        if reviewer is None:
            raise Problem(
                "not-logged-in", "send `Authorization: Bearer TOKEN`, or log in", {"WWW-Authenticate": "Bearer"}
            )
        self.requests.spend(reviewer.name)
        return reviewer

    def logging_in(self, request: Request, token: str) -> Reviewer:
        """The reviewer of a token given on the login page. Who guesses must soon wait."""
        host = request.client.host if request.client else "nobody"
        self.wrong_logins.check(host)
        reviewer = self.reviewers.by_token(token)
        if reviewer is None:
            self.wrong_logins.spend(host)
            raise Problem("not-logged-in", "this token is not known, or was revoked")
        return reviewer

    def _by_token(self, request: Request) -> Reviewer | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return self.reviewers.by_token(token.strip()) if scheme.lower() == "bearer" and token else None

    def _by_cookie(self, request: Request) -> Reviewer | None:
        cookie = request.cookies.get(COOKIE)
        reviewer = self.sessions.reviewer_of(cookie) if cookie else None
        if cookie is None or reviewer is None:
            return None
        if request.method not in ("GET", "HEAD"):
            self._check_word(request, self.sessions.csrf_word(cookie, reviewer))
        return reviewer

    def _check_word(self, request: Request, word: str) -> None:
        given = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(given.encode(), word.encode()):
            raise Problem("wrong-page", f"the header {CSRF_HEADER} is missing or wrong: load the page again")
