"""Sessions of the page: a signed cookie, good for half a day, worthless once its token is revoked.

No session is stored anywhere: the cookie names the reviewer and when it ends, signed with a key made
from a secret and the hash of the reviewer's token. Writes also need a word that only the page can
know (against cross-site requests), derived from the cookie.
"""

import hmac
from collections.abc import Callable
from hashlib import sha256

from winnow.review.reviewers import Reviewer, ReviewersFile

SESSION_S = 12 * 3600
COOKIE = "winnow_session"


class Sessions:
    """Makes and checks session cookies; `secret` is the same in all workers."""

    def __init__(self, secret: bytes, reviewers: ReviewersFile, clock: Callable[[], float]) -> None:
        self._secret = secret
        self._reviewers = reviewers
        self._clock = clock

    def begin(self, reviewer: Reviewer) -> str:
        """The cookie of a new session."""
        subject = f"{reviewer.name.encode().hex()}.{int(self._clock()) + SESSION_S}"
        return f"{subject}.{self._sign('session', reviewer, subject)}"

    def reviewer_of(self, cookie: str) -> Reviewer | None:
        """Whose session it is; None when it is forged, over, or its token was revoked."""
        subject, _, signature = cookie.rpartition(".")
        name, _, ends = subject.partition(".")
        reviewer = self._named(name)
        if reviewer is None:
            return None
        if not hmac.compare_digest(signature.encode(), self._sign("session", reviewer, subject).encode()):
            return None
        return reviewer if int(ends) > self._clock() else None

    def csrf_word(self, cookie: str, reviewer: Reviewer) -> str:
        """The word that the page sends along with each write."""
        return self._sign("csrf", reviewer, cookie)

    def _named(self, name_hex: str) -> Reviewer | None:
        try:
            return self._reviewers.by_name(bytes.fromhex(name_hex).decode())
        except ValueError:
            return None

    def _sign(self, purpose: str, reviewer: Reviewer, text: str) -> str:
        message = f"{purpose}|{reviewer.token_sha256.lower()}|{text}"
        return hmac.new(self._secret, message.encode(), sha256).hexdigest()
