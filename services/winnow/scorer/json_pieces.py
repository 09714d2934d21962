"""JSON put together from pieces: what many messages say alike is serialised once.

Each piece is made by a serialiser; nothing is ever cut out of a text by looking for a sign that a value
could contain: lists of numbers hold no comma but between them, and JSON no end of line within a string.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby, repeat
from json.encoder import encode_basestring

import msgspec
import numpy as np
import numpy.typing as npt
from pydantic import BaseModel
from pydantic_core import to_json

from winnow.core.batch_scores import Floats

_encoder = msgspec.json.Encoder()

Piece = bytes | Sequence[bytes]
"""The same for all messages, or one for each."""


def numbers(values: Floats | npt.NDArray[np.int64]) -> list[bytes]:
    """Finite numbers, one after the other."""
    return _encoder.encode(values.tolist())[1:-1].split(b",") if values.size else []


def texts(values: Sequence[str]) -> list[bytes]:
    """Strings, one after the other; an end of line within one is always escaped."""
    return _encoder.encode_lines(values).split(b"\n")[:-1]


def text(value: str) -> bytes:
    """One string."""
    return encode_basestring(value).encode()


def moment(value: datetime) -> bytes:
    """A point in time."""
    return to_json(value)


def beginning(message: BaseModel, without: Iterable[str] = ()) -> bytes:
    """The message but for some fields, which are to follow: the object stays open."""
    return message.model_dump_json(exclude_none=True, by_alias=True, exclude=set(without)).encode()[:-1]


def scores(labels: Sequence[str], table: Floats, at_most: int) -> list[Piece]:
    """Of each row an object with the most probable labels, among equals the first ones; or with all, in order."""
    names: Sequence[Piece] = [text(label) + b":" for label in labels]
    if len(labels) > at_most:
        best = np.argsort(-table, axis=1, kind="stable")[:, :at_most]
        names = [[text(labels[label]) + b":" for label in column] for column in best.T.tolist()]
        table = np.take_along_axis(table, best, axis=1)
    texts, count = numbers(table.T.ravel()), len(table)
    pieces: list[Piece] = [b"{"]
    for place, name in enumerate(names):
        pieces += [b"," if place else b"", name, texts[place * count : (place + 1) * count]]
    return [*pieces, b"}"]


def joined(pieces: Sequence[Piece], count: int) -> list[bytes]:
    """So many messages."""
    columns = (repeat(piece, count) if isinstance(piece, bytes) else piece for piece in _merged(pieces))
    return list(map(b"".join, zip(*columns, strict=True)))


def _merged(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """What is the same for all and stands together becomes one piece."""
    for is_shared, some in groupby(pieces, lambda piece: isinstance(piece, bytes)):
        if is_shared:
            yield b"".join(some)  # type: ignore[arg-type]
        else:
            yield from some
