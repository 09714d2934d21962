"""Files of records."""

import gzip
from pathlib import Path

import pytest

from winnow.cli.record_lines import BadLine, RecordLine, numbered_lines, parse_line, read_records
from winnow.cli.seed_verdicts import Seeded, seed_key, seed_verdict
from winnow.demo.sample import SAMPLE
from winnow.runtime.errors import UsageError


def test_the_label_of_a_line_is_kept_as_truth_and_not_sent() -> None:
    line = parse_line(1, b'{"id": "a", "text": "hello", "label": "ham"}')

    assert isinstance(line, RecordLine)
    assert (line.record_id, line.key, line.label) == ("a", b"a", "ham")
    assert line.value == b'{"id":"a","text":"hello"}'


@pytest.mark.parametrize(
    "content", [b"{", b'{"id": "a"}', b'{"features": {"x": NaN}}', b'{"text": "x", "label": 3}', b"\xff"]
)
def test_a_line_that_is_no_record_is_told_with_its_number(content: bytes) -> None:
    line = parse_line(7, content)

    assert isinstance(line, BadLine)
    assert line.number == 7


def test_plain_and_packed_files_give_the_same_numbered_lines(tmp_path: Path) -> None:
    content = b'{"text": "a"}\r\n\n{"text": "b"}'
    (tmp_path / "plain").write_bytes(content)
    (tmp_path / "packed").write_bytes(gzip.compress(content))

    plain = list(numbered_lines(tmp_path / "plain"))

    assert plain == [(1, b'{"text": "a"}'), (3, b'{"text": "b"}')]
    assert list(numbered_lines(tmp_path / "packed")) == plain


def test_a_cut_off_packed_file_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "cut").write_bytes(gzip.compress(b'{"text": "a"}\n' * 1000)[:-12])

    with pytest.raises(UsageError, match="complete"):
        list(numbered_lines(tmp_path / "cut"))


def test_a_seeded_record_has_the_same_key_however_its_fields_are_ordered() -> None:
    one = parse_line(1, b'{"id": "a", "features": {"x": 1, "y": true}, "label": "ham"}')
    other = parse_line(1, b'{"label": "ham", "features": {"y": true, "x": 1}, "id": "a"}')

    assert isinstance(one, RecordLine)
    assert isinstance(other, RecordLine)
    assert seed_key(Seeded(one.record, "ham")) == seed_key(Seeded(other.record, "ham"))
    assert seed_key(Seeded(one.record, "ham")) != seed_key(Seeded(one.record, "spam"))


def test_the_sample_is_whole_small_and_in_the_order_of_time() -> None:
    lines = list(read_records(SAMPLE))

    assert len(lines) == 6046
    assert SAMPLE.stat().st_size <= 3_000_000
    assert all(isinstance(line, RecordLine) and line.label in ("ham", "spam") for line in lines)
    moments = [line.record["at"] for line in lines if isinstance(line, RecordLine)]
    assert moments == sorted(moments)


def test_a_seeded_verdict_is_no_evidence_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b'{"text": "a", "label": "ham"}')
    line = next(iter(read_records(tmp_path / "file")))
    assert isinstance(line, RecordLine)

    verdict = seed_verdict(Seeded(line.record, "ham"), now=_now())

    assert (verdict.reason, verdict.decision, verdict.revision) == ("seed", None, 1)


def _now():
    from datetime import UTC, datetime

    return datetime(2026, 1, 1, tzinfo=UTC)
