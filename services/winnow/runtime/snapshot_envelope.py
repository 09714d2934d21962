"""A header and a body as signed bytes, inseparable.

Layout: magic, key id, header, body, HMAC-SHA256 over all that goes before, lengths in between.
`open_envelope` verifies before it looks at anything but the key id, so that bytes which nobody
with a key has made are never parsed.
"""

import struct

from winnow.runtime.model_keys import MAC_BYTES, ModelKeys

_MAGIC = b"winnow model snapshot\x00"
_KEY_ID_LENGTH = struct.Struct(">B")
_HEADER_LENGTH = struct.Struct(">I")


class RejectedSnapshot(ValueError):
    """Bytes that must not be loaded; the message says why."""


class ForeignSignature(RejectedSnapshot):
    """Made with another key, or changed on its way."""


def seal(header: bytes, body: bytes, keys: ModelKeys) -> bytes:
    """Both as signed bytes."""
    key_id = keys.signing_id.encode()
    lengths = _KEY_ID_LENGTH.pack(len(key_id)), _HEADER_LENGTH.pack(len(header))
    signed = b"".join((_MAGIC, lengths[0], key_id, lengths[1], header, body))
    return signed + keys.sign(signed)


def open_envelope(sealed: bytes, keys: ModelKeys) -> tuple[bytes, bytes]:
    """Header and body of bytes made by `seal`; raises `RejectedSnapshot` for all others."""
    signed, mac = memoryview(sealed)[:-MAC_BYTES], sealed[-MAC_BYTES:]
    key_id, rest = _after_key_id(signed)
    if not keys.verify(key_id, signed, mac):
        raise ForeignSignature("its signature does not fit any key of the model key file")
    (length,) = _HEADER_LENGTH.unpack_from(rest)
    rest = rest[_HEADER_LENGTH.size :]
    return bytes(rest[:length]), bytes(rest[length:])


def _after_key_id(signed: memoryview) -> tuple[str, memoryview]:
    start = len(_MAGIC) + _KEY_ID_LENGTH.size
    if len(signed) < start or signed[: len(_MAGIC)] != _MAGIC:
        raise RejectedSnapshot("it is no model snapshot")
    end = start + signed[start - 1]
    return bytes(signed[start:end]).decode("ascii", errors="replace"), signed[end:]
