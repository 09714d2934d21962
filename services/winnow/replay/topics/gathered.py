"""What was read from the topics, put in order: a temporary database on disk, gone when closed.

Decisions must be made again in the order of their models, while records and tellings come in the order of
partitions; so they are laid down first. Memory stays the same however long the run was; the disk takes
about as much as `records`, `labels`, `review-requests`, `unlabelled` and `verdicts` hold (SQLite keeps its
file where `SQLITE_TMPDIR` or `TMPDIR` says).
"""

import sqlite3
from collections.abc import Iterator
from types import TracebackType
from typing import NamedTuple, Self

from winnow.replay.topics.recorded import Position, Recorded
from winnow_schemas.topics import TopicName

_TABLES = """
CREATE TABLE decisions (partition INTEGER, offset INTEGER, model INTEGER, PRIMARY KEY (partition, offset));
CREATE TABLE tellings (partition INTEGER, offset INTEGER, topic TEXT, value BLOB);
CREATE TABLE records (partition INTEGER, offset INTEGER, value BLOB, PRIMARY KEY (partition, offset));
CREATE TABLE dead (partition INTEGER, offset INTEGER, value BLOB);
CREATE TABLE said (topic TEXT, name TEXT, cause INTEGER, value BLOB);
"""
_INDEXES = """
CREATE INDEX of_decision ON tellings (partition, offset);
CREATE INDEX of_record ON dead (partition, offset);
CREATE INDEX of_cause ON said (topic, name, cause);
CREATE INDEX by_model ON decisions (model, partition, offset);
"""
_WITHOUT = """
SELECT count(*) FROM records AS r
WHERE NOT EXISTS (SELECT 1 FROM decisions AS d WHERE d.partition = r.partition AND d.offset = r.offset)
AND NOT EXISTS (SELECT 1 FROM dead AS d WHERE d.partition = r.partition AND d.offset = r.offset)
"""


class Place(NamedTuple):
    """A partition and an offset of `records`."""

    partition: int
    offset: int


class Statement(NamedTuple):
    """Something that the monitor says on a topic, and the offset of the evidence that caused it (-1: unknown)."""

    topic: TopicName
    name: str
    cause: int


class Bytes(NamedTuple):
    """A message's value as it was read: None for one without, and there at all or not."""

    is_there: bool
    value: bytes | None


class Gathered:
    """Lay everything down, then `sort` once, then read. Of several tellings the first one names the model."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _TABLES + "BEGIN;")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def tell(self, position: Position, recorded: Recorded, topic: TopicName, value: bytes) -> None:
        """A message that tells of a decision."""
        place = position.partition, position.offset
        model = recorded.told["model_version"]
        self._database.execute("INSERT OR IGNORE INTO decisions VALUES (?, ?, ?)", (*place, model))
        self._database.execute("INSERT INTO tellings VALUES (?, ?, ?, ?)", (*place, topic, value))

    def record(self, partition: int, offset: int, value: bytes | None) -> None:
        """A message of `records`."""
        self._database.execute("INSERT OR IGNORE INTO records VALUES (?, ?, ?)", (partition, offset, value))

    def die(self, partition: int, offset: int, letter: bytes) -> None:
        """A dead letter about a record."""
        self._database.execute("INSERT INTO dead VALUES (?, ?, ?)", (partition, offset, letter))

    def say(self, statement: Statement, value: bytes) -> None:
        """Something that the monitor said."""
        self._database.execute("INSERT INTO said VALUES (?, ?, ?, ?)", (*statement, value))

    def sort(self) -> None:
        """Everything is there."""
        self._database.executescript(_INDEXES)

    def models(self) -> list[int]:
        """Versions of models that decided, in order."""
        return [model for (model,) in self._database.execute("SELECT DISTINCT model FROM decisions ORDER BY model")]

    def decided_by(self, model: int) -> Iterator[Place]:
        """Where the records stand about which that version decided."""
        query = "SELECT partition, offset FROM decisions WHERE model = ? ORDER BY partition, offset"
        for partition, offset in self._database.execute(query, (model,)):
            yield Place(partition, offset)

    def tellings(self, place: Place) -> list[tuple[TopicName, bytes]]:
        """What tells of one decision, in the order in which it was laid down."""
        query = "SELECT topic, value FROM tellings WHERE partition = ? AND offset = ? ORDER BY rowid"
        return list(self._database.execute(query, place))

    def record_at(self, place: Place) -> Bytes:
        """The message that stands there, if it still does."""
        query = "SELECT value FROM records WHERE partition = ? AND offset = ?"
        row = self._database.execute(query, place).fetchone()
        return Bytes(row is not None, row[0] if row else None)

    def is_gap(self, place: Place, before: int) -> bool:
        """Whether between the offset `before` and that place stands a record, or stood, of which nothing tells."""
        if place.offset == before + 1:
            return False
        between = (place.partition, before, place.offset)
        where = "WHERE partition = ? AND offset > ? AND offset < ?"
        query = f"SELECT count(*) FROM records {where}"  # noqa: S608
        dead = f"SELECT count(DISTINCT offset) FROM dead {where}"  # noqa: S608
        there, letters = (self._database.execute(each, between).fetchone()[0] for each in (query, dead))
        first = self._database.execute("SELECT min(offset) FROM records WHERE partition = ?", between[:1]).fetchone()[0]
        return bool(there > letters or first is None or first > before + 1)

    def dead(self) -> Iterator[tuple[Place, bytes]]:
        """The dead letters about records."""
        for partition, offset, letter in self._database.execute("SELECT partition, offset, value FROM dead"):
            yield Place(partition, offset), letter

    def take_said(self, statement: Statement) -> list[bytes]:
        """The messages that say it; they are gone from here afterwards."""
        where = "WHERE topic = ? AND name = ? AND cause = ?"
        found = [value for (value,) in self._database.execute(f"SELECT value FROM said {where}", statement)]  # noqa: S608
        if found:
            self._database.execute(f"DELETE FROM said {where}", statement)  # noqa: S608
        return found

    def left_said(self) -> Iterator[Statement]:
        """What nobody has taken."""
        for topic, name, cause in self._database.execute("SELECT topic, name, cause FROM said ORDER BY rowid"):
            yield Statement(topic, name, cause)

    def decisions(self) -> int:
        """Of how many something tells."""
        return self._count("SELECT count(*) FROM decisions")

    def records(self) -> int:
        """How many stand on the topic."""
        return self._count("SELECT count(*) FROM records")

    def records_without_decision(self) -> int:
        """Of how many nothing tells: not decided yet, or what told of it was compacted away."""
        return self._count(_WITHOUT)

    def _count(self, query: str) -> int:
        return int(self._database.execute(query).fetchone()[0])
