"""Tokens, sessions and rates, without any server."""

from pathlib import Path

import pytest
import yaml

from winnow.review.limits import RateLimit
from winnow.review.problems import Problem
from winnow.review.reviewers import ReviewersFile, token_hash
from winnow.review.sessions import SESSION_S, Sessions
from winnow.runtime.errors import UsageError


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def write(path: Path, *names: str, token: str = "token") -> None:
    entries = [{"name": name, "role": "reviewer", "token_sha256": token_hash(f"{token} of {name}")} for name in names]
    path.write_text(yaml.safe_dump(entries))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "reviewers.yaml"
    write(file, "ada", "ben")
    return file


@pytest.fixture
def reviewers(path: Path, clock: Clock) -> ReviewersFile:
    return ReviewersFile(path, clock)


def test_a_token_leads_to_its_reviewer_and_to_nobody_else(reviewers: ReviewersFile) -> None:
    found = reviewers.by_token("token of ada")
    assert found is not None
    assert found.name == "ada"
    assert reviewers.by_token("token of eve") is None


def test_a_changed_file_is_read_within_a_second(reviewers: ReviewersFile, path: Path, clock: Clock) -> None:
    write(path, "ada", "eve")
    clock.now += 1
    assert set(reviewers.names()) == {"ada", "eve"}


def test_a_file_spoilt_later_leaves_the_last_good_one(reviewers: ReviewersFile, path: Path, clock: Clock) -> None:
    path.write_text("- {name: ada")
    clock.now += 1
    assert set(reviewers.names()) == {"ada", "ben"}
    path.unlink()
    clock.now += 1
    assert set(reviewers.names()) == {"ada", "ben"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("- {name: ada", "is no YAML"),
        ("ada", "should be a valid list"),
        ("- {name: ada, role: reviewer, token_sha256: abc}", "0.token_sha256"),
        ("- {name: ada, role: boss, token_sha256: abc}", "0.role"),
    ],
)
def test_a_wrong_file_is_told_in_one_line(tmp_path: Path, clock: Clock, content: str, said: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(content)
    with pytest.raises(UsageError, match=said) as error:
        ReviewersFile(path, clock)
    assert "\n" not in str(error.value)


def test_a_name_may_stand_once_only(tmp_path: Path, clock: Clock) -> None:
    write(tmp_path / "twice.yaml", "ada", "ada")
    with pytest.raises(UsageError, match="once"):
        ReviewersFile(tmp_path / "twice.yaml", clock)
    with pytest.raises(UsageError, match="WINNOW_REVIEW__REVIEWERS_FILE"):
        ReviewersFile(None, clock)


def test_a_session_ends_in_time_or_with_its_token(reviewers: ReviewersFile, path: Path, clock: Clock) -> None:
    sessions = Sessions(b"secret", reviewers, clock)
    ada = reviewers.by_name("ada")
    assert ada is not None
    cookie = sessions.begin(ada)
    assert sessions.reviewer_of(cookie) == ada
    assert Sessions(b"another secret", reviewers, clock).reviewer_of(cookie) is None

    write(path, "ada", token="a new token")
    clock.now += 1
    assert sessions.reviewer_of(cookie) is None

    write(path, "ada", "ben")
    clock.now += SESSION_S
    assert sessions.reviewer_of(cookie) is None


@pytest.mark.parametrize("cookie", ["", ".", "..", "616461.9999999999.", "616461.x.é", "zz.1.2", "616461"])
def test_a_forged_session_is_nobody_s(reviewers: ReviewersFile, clock: Clock, cookie: str) -> None:
    assert Sessions(b"secret", reviewers, clock).reviewer_of(cookie) is None


def test_who_asks_too_often_must_wait_and_others_need_not(clock: Clock) -> None:
    limit = RateLimit(per_second=0.5, burst=3, clock=clock)
    for _ in range(3):
        limit.spend("guesser")
    with pytest.raises(Problem) as refused:
        limit.spend("guesser")
    assert refused.value.headers == {"Retry-After": "2"}
    limit.spend("somebody else")
    clock.now += 2
    limit.spend("guesser")


def test_looking_whether_one_must_wait_costs_nothing(clock: Clock) -> None:
    limit = RateLimit(per_second=0.5, burst=1, clock=clock)
    limit.check("guesser")
    limit.spend("guesser")
    with pytest.raises(Problem):
        limit.check("guesser")
