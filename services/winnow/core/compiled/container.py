"""A JSON header and arrays in one run of bytes: what compiled snapshots and deltas travel as.

Eight bytes of magic, how the rest is stored, its checksum, the lengths of header and arrays, the header (JSON),
then the arrays, each at a multiple of eight bytes. Reading copies nothing and runs nothing: whatever does not add
up raises `ValueError`. The checksum finds damage; who wrote the bytes is for a signature to say.
"""

import hashlib
import json
import math
import struct
import zlib
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from winnow.core.compiled.inputs import Arrays

MAX_BYTES = 1 << 30
_MAGIC = b"WINNOWA\x01"
_PREFIX = struct.Struct("<8s4sIIQ")
_PLAIN, _DEFLATED = b"raw ", b"zlib"
_ALIGNMENT = 8
_KINDS = frozenset({"<f8", "<i8", "<i4", "|u1"})
_FASTEST = 1


class Contents(NamedTuple):
    """What was packed: the caller's header and the arrays by name, which cannot be written to."""

    header: dict[str, Any]
    arrays: dict[str, npt.NDArray[Any]]


def pack(header: dict[str, Any], arrays: Arrays) -> bytes:
    """Header and arrays as bytes."""
    return _stored(_PLAIN, *_parts(header, arrays))


def pack_small(header: dict[str, Any], arrays: Arrays) -> bytes:
    """The same, deflated: for what is mostly small counts."""
    head, body = _parts(header, arrays)
    return _stored(_DEFLATED, head, body)


def fingerprint(header: dict[str, Any], arrays: Arrays) -> str:
    """A short name for header and arrays, the same for the same contents however they are packed."""
    digest = hashlib.blake2b(json.dumps(header).encode(), digest_size=16)
    for name, array in arrays.items():
        digest.update(json.dumps([name, array.dtype.str, list(array.shape)]).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def unpack(data: bytes) -> Contents:
    """Header and arrays of packed bytes; raises `ValueError`."""
    if len(data) < _PREFIX.size:
        raise ValueError("no arrays: too short")
    magic, stored, checksum, head_length, body_length = _PREFIX.unpack_from(data)
    if magic != _MAGIC:
        raise ValueError("no arrays: they do not begin as arrays of this Winnow do")
    if zlib.crc32(memoryview(data)[_PREFIX.size :]) != checksum:
        raise ValueError("arrays with a wrong checksum")
    start = _PREFIX.size
    head = _header(data[start : start + head_length])
    body = _inflated(stored, data[start + head_length :], body_length)
    arrays: dict[str, npt.NDArray[Any]] = {}
    end = 0
    for about in head["arrays"]:
        name, array, end = _array(about, body, end)
        arrays[name] = array
    if end != len(body):
        raise ValueError("arrays do not add up to what is there")
    return Contents(head["header"], arrays)


def _parts(header: dict[str, Any], arrays: Arrays) -> tuple[bytes, list[bytes]]:
    abouts, body = [], []
    for name, array in arrays.items():
        if array.dtype.str not in _KINDS:
            raise ValueError(f"array {name} has elements of the kind {array.dtype.str}")
        raw = np.ascontiguousarray(array).tobytes()
        abouts.append([name, array.dtype.str, list(array.shape)])
        body.append(raw + b"\0" * (-len(raw) % _ALIGNMENT))
    return json.dumps({"header": header, "arrays": abouts}).encode(), body


def _stored(how: bytes, head: bytes, body: list[bytes]) -> bytes:
    head += b" " * (-(len(head) + _PREFIX.size) % _ALIGNMENT)
    length = sum(map(len, body))
    if how == _DEFLATED:
        body = [zlib.compress(b"".join(body), _FASTEST)]
    checksum = 0
    for part in (head, *body):
        checksum = zlib.crc32(part, checksum)
    return b"".join([_PREFIX.pack(_MAGIC, how, checksum, len(head), length), head, *body])


def _header(raw: bytes) -> dict[str, Any]:
    try:
        head = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the header of the arrays is no JSON: {error}") from None
    if not isinstance(head, dict) or not isinstance(head.get("header"), dict) or not _lists(head.get("arrays")):
        raise ValueError("the header of the arrays is not as it should be")
    return head


def _lists(abouts: Any) -> bool:
    return isinstance(abouts, list) and all(isinstance(about, list) and len(about) == 3 for about in abouts)


def _inflated(stored: bytes, body: bytes, length: int) -> bytes:
    if length > MAX_BYTES:
        raise ValueError(f"arrays of {length} bytes are too large")
    if stored == _DEFLATED:
        try:
            body = zlib.decompressobj().decompress(body, length + 1)
        except zlib.error as error:
            raise ValueError(f"arrays cannot be inflated: {error}") from None
    elif stored != _PLAIN:
        raise ValueError(f"arrays are stored in an unknown way ({stored!r})")
    if len(body) != length:
        raise ValueError(f"arrays have {len(body)} bytes, not {length}")
    return body


def _array(about: list[Any], body: bytes, start: int) -> tuple[str, npt.NDArray[Any], int]:
    name, kind, shape = about
    if not isinstance(name, str) or kind not in _KINDS or not isinstance(shape, list):
        raise ValueError("the header names an array that cannot be")
    if not all(type(size) is int and 0 <= size <= MAX_BYTES for size in shape):
        raise ValueError(f"array {name} has an impossible shape")
    dtype = np.dtype(kind)
    count = math.prod(shape)
    if start + count * dtype.itemsize > len(body):
        raise ValueError(f"array {name} ends beyond what is there")
    array = np.frombuffer(body, dtype, count, start).reshape(shape)
    end = start + count * dtype.itemsize
    return name, array, end + -end % _ALIGNMENT
