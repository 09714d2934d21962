"""What reviewers get to see in place of a blind request's id.

The id of a gold request is made up, and that of an audit is not: whoever collected ids could tell them apart by their
beginnings. So blind ones are sealed: all equally long, always the same for the same id, and opened by the API alone
(a synthetic initialisation vector after Rogaway & Shrimpton 2006, of HMAC-SHA256). How often a request was opened again
stays readable, since it is no secret and the page goes by it.
"""

import base64
import binascii
import hmac
from itertools import count

from winnow.review.request_ids import RequestName, request_name

SEALED = "~"
_TAG_BYTES, _BLOCK = 12, 48


class RequestHandles:
    """Seals and opens ids; `secret` is the same in all workers."""

    def __init__(self, secret: bytes) -> None:
        self._tag_key = hmac.digest(secret, b"request handles: tag", "sha256")
        self._text_key = hmac.digest(secret, b"request handles: text", "sha256")

    def shown(self, request_id: str, *, blind: bool) -> str:
        """As the API tells it."""
        if not blind:
            return request_id
        name = request_name(request_id)
        text = name.decision_id.encode()
        padded = text + b"\0" * (-len(text) % _BLOCK)
        tag = hmac.digest(self._tag_key, padded, "sha256")[:_TAG_BYTES]
        sealed = SEALED + base64.urlsafe_b64encode(tag + self._crossed(tag, padded)).decode()
        return RequestName(sealed, name.opening).request_id

    def real(self, handle: str) -> str:
        """The id behind it; what is not sealed, or not by us, is taken as it stands."""
        if not handle.startswith(SEALED):
            return handle
        name = request_name(handle)
        try:
            sealed = base64.urlsafe_b64decode(name.decision_id.removeprefix(SEALED))
        except (binascii.Error, ValueError):
            return handle
        tag, padded = sealed[:_TAG_BYTES], self._crossed(sealed[:_TAG_BYTES], sealed[_TAG_BYTES:])
        if not hmac.compare_digest(tag, hmac.digest(self._tag_key, padded, "sha256")[:_TAG_BYTES]):
            return handle
        return RequestName(padded.rstrip(b"\0").decode(), name.opening).request_id

    def _crossed(self, tag: bytes, text: bytes) -> bytes:
        """The text with the key stream of this tag laid over it; twice is nothing."""
        stream = bytearray()
        for number in count():
            if len(stream) >= len(text):
                break
            stream += hmac.digest(self._text_key, tag + number.to_bytes(4), "sha256")
        return bytes(each ^ key for each, key in zip(text, stream, strict=False))
