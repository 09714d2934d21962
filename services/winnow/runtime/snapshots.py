"""Model snapshots on the topic `models`: signed, in chunks below the broker's limit, manifest last.

A reader hands out a snapshot only when the manifest and every chunk are there, the checksum and the
signature fit, and the signed header says the same as the manifest; anything else it leaves with a
line in the log, and the last good one stays in use. Versions never go back within a slot.
"""

import hashlib
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from winnow.runtime.errors import UsageError
from winnow.runtime.messages import Incoming, Outgoing
from winnow.runtime.model_keys import ModelKeys
from winnow.runtime.model_state import ModelState, Packed, Pickled
from winnow.runtime.snapshot_envelope import ForeignSignature, RejectedSnapshot, open_envelope, seal
from winnow.runtime.snapshot_slots import is_delta, is_manifest, slot_of_chunk
from winnow_schemas.codec import InvalidMessage, decode, encode
from winnow_schemas.models import ModelManifest

FORMAT = 2
CHUNK_BYTES = 900_000
MAX_SNAPSHOT_BYTES = 512 * 1024 * 1024
_PIECES = {"chunks", "bytes", "sha256"}
_WHAT_UNPICKLING_RAISES = (
    pickle.UnpicklingError,
    ArithmeticError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    TypeError,
    ValueError,
)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class SealedSnapshot:
    """Signed bytes in chunks, and the manifest that names them."""

    manifest: ModelManifest
    chunks: Sequence[bytes] = field(repr=False)


@dataclass(frozen=True)
class Snapshot:
    """A complete and verified snapshot."""

    manifest: ModelManifest
    body: bytes = field(repr=False)

    def load(self) -> Any:
        """A pickled model, a new object at each call; raises `UsageError` when this installation cannot read it."""
        try:
            return pickle.loads(self.body)  # noqa: S301 - made by somebody who has our key
        except _WHAT_UNPICKLING_RAISES as error:
            raise UsageError(
                f"model version {self.manifest.version} ({self.manifest.name}) cannot be loaded here "
                f"({type(error).__name__}: {error}): learner and scorers need the same installation"
            ) from error


def seal_snapshot(state: ModelState, keys: ModelKeys) -> SealedSnapshot:
    """Pack, sign and cut a model."""
    about = ModelManifest(
        slot=state.slot,
        name=state.name,
        version=state.version,
        verdict_offset=state.verdict_offset,
        task=state.task,
        format=FORMAT,
        form=state.form,
        digest=state.digest,
        base_version=state.base_version,
        chunks=[],
        bytes=0,
        sha256="",
        learned=state.learned,
        since=state.since,
        fresh=list(state.fresh),
        figures=state.figures,
        at=state.at,
    )
    packed = state.model if isinstance(state.model, Packed) else Pickled.of(state.model)
    sealed = seal(_signed_part(about), packed.to_bytes(), keys)
    chunks = [sealed[start : start + CHUNK_BYTES] for start in range(0, len(sealed), CHUNK_BYTES)]
    pieces = {
        "chunks": [f"{state.slot}/{state.version}/{number}" for number in range(len(chunks))],
        "bytes": len(sealed),
        "sha256": hashlib.sha256(sealed).hexdigest(),
    }
    return SealedSnapshot(about.model_copy(update=pieces), chunks)


def publish(topic: str, sealed: SealedSnapshot, replaced: ModelManifest | None) -> list[Outgoing]:
    """The messages of one transaction: chunks, manifest, then tombstones for the chunks it replaces."""
    keys = sealed.manifest.chunks
    chunks = [Outgoing(topic, chunk, key.encode()) for key, chunk in zip(keys, sealed.chunks, strict=True)]
    manifest = Outgoing(topic, encode(sealed.manifest), sealed.manifest.slot.encode())
    gone = [key for key in (replaced.chunks if replaced else []) if key not in keys]
    return [*chunks, manifest, *(Outgoing(topic, None, key.encode()) for key in gone)]


def erase(topic: str, manifest: ModelManifest) -> list[Outgoing]:
    """Tombstones for a snapshot: its manifest first, so that no reader looks for what is gone."""
    return [Outgoing(topic, None, key.encode()) for key in (manifest.slot, *manifest.chunks)]


def _nothing(_: ModelManifest) -> bool:
    return False


class SnapshotReader:
    """Follows the messages of `models` in their order. Chunks that wait for their manifest are bounded.

    Of slots that are not `wanted`, and of what is `known` already (by what the manifest says of it), nothing is
    opened.
    """

    def __init__(
        self,
        task: str,
        keys: ModelKeys,
        wanted: Callable[[str], bool],
        known: Callable[[ModelManifest], bool] = _nothing,
    ) -> None:
        self._task = task
        self._keys = keys
        self._wanted = wanted
        self._known = known
        self._chunks: dict[str, bytes] = {}
        self._waiting_bytes = 0
        self._accepted: dict[str, ModelManifest] = {}
        self._foreign: set[str] = set()

    def require_ours(self, slot: str) -> None:
        """Raises `UsageError` when all there was for a slot is signed with keys that we do not have."""
        if slot in self._foreign and slot not in self._accepted:
            raise UsageError(
                f"the model on {slot} is signed with a key that the model key file lacks: "
                "give learner and scorers the same file (WINNOW_SECRETS__MODEL_KEY_FILE)"
            )

    def manifest(self, slot: str) -> ModelManifest | None:
        """What was accepted last for a slot."""
        return self._accepted.get(slot)

    def feed(self, message: Incoming) -> Snapshot | None:
        """The snapshot that this message completes, if it does and if it is newer than the last one."""
        key = (message.key or b"").decode(errors="replace")
        if slot := slot_of_chunk(key):
            if self._wanted(slot):
                self._keep(key, message.value)
            return None
        if not is_manifest(key) or not self._wanted(key):
            return None
        if message.value is None:
            self._forget(key)
            return None
        try:
            return self._complete(key, message.value)
        except (RejectedSnapshot, InvalidMessage) as reason:
            if isinstance(reason, ForeignSignature):
                self._foreign.add(key)
            _log.warning("snapshot_rejected", slot=key, offset=message.offset, reason=str(reason))
            return None

    def _keep(self, key: str, chunk: bytes | None) -> None:
        self._waiting_bytes -= len(self._chunks.pop(key, b""))
        if chunk is None:
            return
        self._chunks[key] = chunk
        self._waiting_bytes += len(chunk)
        while self._waiting_bytes > MAX_SNAPSHOT_BYTES:
            self._keep(next(iter(self._chunks)), None)

    def _complete(self, slot: str, value: bytes) -> Snapshot | None:
        manifest = decode(ModelManifest, value)
        if encode(manifest) != value:
            raise RejectedSnapshot("its manifest is not as a learner writes it")
        last = self._accepted.get(slot)
        if last is not None and manifest.version <= last.version:
            if manifest != last:
                _log.warning("snapshot_ignored", slot=slot, version=manifest.version, newer=last.version)
            return None
        if self._known(manifest):
            self._drop_chunks(slot)
            return None
        body = self._verified(slot, manifest)
        self._accepted[slot] = manifest
        self._drop_chunks(slot)
        return Snapshot(manifest, body)

    def _forget(self, slot: str) -> None:
        """An erased delta is never asked for again; of other slots the version stays below which nothing is taken."""
        self._drop_chunks(slot)
        if is_delta(slot):
            self._accepted.pop(slot, None)

    def _drop_chunks(self, slot: str) -> None:
        for key in [key for key in self._chunks if key.startswith(f"{slot}/")]:
            self._keep(key, None)

    def _verified(self, slot: str, manifest: ModelManifest) -> bytes:
        about = f"version {manifest.version} of {manifest.slot}"
        if manifest.format > FORMAT:
            raise RejectedSnapshot(
                f"{about} has format {manifest.format}; this Winnow reads up to {FORMAT}: upgrade it"
            )
        if manifest.task != self._task:
            raise RejectedSnapshot(f"{about} is for the task {manifest.task}, not {self._task}")
        header, body = open_envelope(self._joined(about, manifest), self._keys)
        if manifest.slot != slot or header != _signed_part(manifest):
            raise RejectedSnapshot(f"{about} is signed as something else")
        return body

    def _joined(self, about: str, manifest: ModelManifest) -> bytes:
        chunks = {key: self._chunks[key] for key in manifest.chunks if key in self._chunks}
        if len(chunks) != len(manifest.chunks):
            raise RejectedSnapshot(f"{about} lacks {len(manifest.chunks) - len(chunks)} of its chunks")
        sealed = b"".join(chunks.values())
        if len(sealed) != manifest.bytes or hashlib.sha256(sealed).hexdigest() != manifest.sha256:
            raise RejectedSnapshot(f"{about} has a wrong checksum")
        return sealed


def _signed_part(manifest: ModelManifest) -> bytes:
    """All that a manifest says, but for the pieces, which only exist once this is signed.

    What it does not say (None) is left out: so manifests stay valid when contracts grow.
    """
    return manifest.model_dump_json(exclude=_PIECES, exclude_none=True).encode()
