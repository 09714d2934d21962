"""Which policy versions an operator means, and which of their labels stand."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnow.cli.labels_taken_back import LabelsTakenBack
from winnow.cli.version_range import VersionRange, versions_of_epoch, versions_of_text
from winnow.runtime.errors import UsageError
from winnow_schemas.certificates import Certificate
from winnow_schemas.labels import Label

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EPOCHS = {3: 1, 8: 1, 20: 2, 31: 2, 40: 3}


def test_an_epoch_is_all_its_versions() -> None:
    assert versions_of_epoch(2, EPOCHS) == VersionRange(20, 31)


@pytest.mark.parametrize(("text", "versions"), [("3..20", (3, 20)), ("8", (8, 8)), (" 8 .. 9 ", (8, 9))])
def test_versions_are_named_as_a_range_or_alone(text: str, versions: tuple[int, int]) -> None:
    assert versions_of_text(text, EPOCHS) == versions


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("all", "two versions are wanted"),
        ("3..", "two versions are wanted"),
        ("..3", "two versions are wanted"),
        ("20..3", "such as 3..20"),
        ("3..41", "not issued yet; the newest policy version is 40"),
    ],
)
def test_versions_that_cannot_be_meant_are_told_with_what_would_be_right(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        versions_of_text(text, EPOCHS)


@pytest.mark.parametrize(
    ("epochs", "says"),
    [(EPOCHS, "there are epochs 1 to 3"), ({3: 1}, "there is epoch 1 only"), ({}, "has issued no policy yet")],
)
def test_an_unknown_epoch_is_told_with_those_there_are(epochs: dict[int, int], says: str) -> None:
    with pytest.raises(UsageError, match=f"epoch 9 is unknown: .*{says}"):
        versions_of_epoch(9, epochs)


@given(st.integers(0, 20), st.integers(0, 20), st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=3))
def test_a_range_is_withdrawn_when_every_version_in_it_is(first: int, last: int, ranges: list[tuple[int, int]]) -> None:
    versions = VersionRange(min(first, last), max(first, last))
    joined = _joined({version for low, high in ranges for version in range(low, high + 1)})
    certificate = Certificate(
        version=1,
        epoch=1,
        released=50,
        withdrawn=joined,
        labels=0,
        wrong_at_most=0,
        target=0.1,
        met=False,
        confidence=0.9,
        state="auto",
        at=NOW,
    )

    each = [certificate.withdraws(version) for version in range(versions.first, versions.last + 1)]

    assert versions.is_withdrawn_by(certificate) == all(each)
    assert not versions.is_withdrawn_by(None)


def _joined(versions: set[int]) -> list[tuple[int, int]]:
    """Runs of versions, as the monitor joins them."""
    runs: list[tuple[int, int]] = []
    for version in sorted(versions):
        if runs and runs[-1][1] == version - 1:
            runs[-1] = runs[-1][0], version
        else:
            runs.append((version, version))
    return runs


def label(record: str, decision: int, source: str, version: int | None, revision: int = 1) -> Label:
    return Label(
        record_id=record,
        label=None if source == "recall" else "ham",
        source=source,  # type: ignore[arg-type]
        revision=revision,
        decision_id=f"abcdefgh/0/{decision}",
        policy_version=version,
        decided_at=NOW,
        at=NOW,
    )


def test_a_label_stands_until_it_is_recalled_answered_or_decided_anew() -> None:
    labels = LabelsTakenBack(lambda version: version in VersionRange(3, 5))
    for number in range(5):
        labels.take(label(f"r{number}", number, "auto", 4))
    labels.take(label("outside", 9, "auto", 6))
    assert labels.standing == 5

    labels.take(label("r0", 0, "recall", 4, revision=2))
    labels.take(label("r1", 1, "human", None, revision=2))
    labels.take(label("r2", 11, "auto", 7))
    labels.take(label("r3", 12, "auto", 5))

    assert (labels.standing, labels.recalled) == (2, 1)
    assert labels.standing_where(lambda version: version == 5) == 1
    assert labels.standing_where(lambda version: version == 4) == 1
