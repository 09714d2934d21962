"""The keys that sign model snapshots: a file of lines `id:hex`; the first signs, all of them verify.

To rotate: put a new key first, let all services start again, then take the old one out.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field

from winnow.runtime.errors import UsageError
from winnow.runtime.settings import Settings, read_text

MAC_BYTES = 32
_LINE = re.compile(r"([A-Za-z0-9._-]{1,64}):([0-9a-fA-F]+)")
_MIN_KEY_BYTES = 16
_HOW = "a line `id:hex` with at least 32 hex digits, such as made by `openssl rand -hex 32`"


@dataclass(frozen=True)
class ModelKeys:
    """Signs with one key and verifies with each. Never shows a key."""

    signing_id: str
    _keys: dict[str, bytes] = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """HMAC-SHA256 with the signing key."""
        return self._mac(self.signing_id, message)

    def verify(self, key_id: str, message: bytes | memoryview, mac: bytes | memoryview) -> bool:
        """Whether `mac` was made from `message` with the key of that id (constant time)."""
        return key_id in self._keys and hmac.compare_digest(self._mac(key_id, message), mac)

    def _mac(self, key_id: str, message: bytes | memoryview) -> bytes:
        return hmac.new(self._keys[key_id], message, hashlib.sha256).digest()


def load_model_keys(settings: Settings) -> ModelKeys:
    """The keys in the file that the settings name; raises `UsageError`."""
    path = settings.secrets.model_key_file
    if path is None:
        raise UsageError("no key to sign models with: set WINNOW_SECRETS__MODEL_KEY_FILE to a file with " + _HOW)
    return parse_model_keys(read_text(path, "secrets.model_key_file"), str(path))


def parse_model_keys(text: str, name: str = "model keys") -> ModelKeys:
    """Keys from the text of such a file; `name` is what the errors call it."""
    keys: dict[str, bytes] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None or len(match[2]) % 2 or len(match[2]) < 2 * _MIN_KEY_BYTES:
            raise UsageError(f"{name}:{number}: this is no key; wanted is {_HOW}")
        if match[1] in keys:
            raise UsageError(f"{name}:{number}: the key id {match[1]} stands twice")
        keys[match[1]] = bytes.fromhex(match[2])
    if not keys:
        raise UsageError(f"{name}: there is no key in it; wanted is {_HOW}")
    return ModelKeys(next(iter(keys)), keys)
