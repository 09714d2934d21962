"""One transaction of the learner in the making: snapshots to seal, and messages that are ready."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from winnow.runtime.messages import Outgoing
from winnow.runtime.model_keys import ModelKeys
from winnow.runtime.model_state import ModelState
from winnow.runtime.snapshots import erase, publish, seal_snapshot
from winnow_schemas.models import ModelManifest


@dataclass
class Draft:
    """What is to be published of one model, as it was at one moment; it learns on meanwhile.

    `states` go out in their order, then `letters`. `replaced` are those that stand in
    their slots, `erased` what nobody needs any more. `sealed` and `took_s` (drafting and sealing) are known when the
    messages are made.
    """

    states: Sequence[ModelState]
    replaced: Mapping[str, ModelManifest]
    erased: Sequence[ModelManifest] = ()
    letters: Sequence[Outgoing] = ()
    took_s: float = 0.0
    sealed: list[ModelManifest] = field(default_factory=list)

    def messages(self, topic: str, keys: ModelKeys) -> list[Outgoing]:
        """Chunks, manifests, tombstones and letters."""
        sealed = [seal_snapshot(state, keys) for state in self.states]
        self.sealed = [one.manifest for one in sealed]
        published = [m for one in sealed for m in publish(topic, one, self.replaced.get(one.manifest.slot))]
        gone = [message for manifest in self.erased for message in erase(topic, manifest)]
        return [*published, *gone, *self.letters]


@dataclass(frozen=True)
class Issue:
    """Drafts and what needs no sealing. Sealing large models takes a while: `messages` may run in another thread."""

    topic: str
    keys: ModelKeys
    drafts: Sequence[Draft]
    ready: Sequence[Outgoing]
    clock: Callable[[], float]

    def messages(self) -> list[Outgoing]:
        """What to write, in one transaction."""
        return [*(message for draft in self.drafts for message in self._of(draft)), *self.ready]

    def _of(self, draft: Draft) -> list[Outgoing]:
        began = self.clock()
        messages = draft.messages(self.topic, self.keys)
        draft.took_s += self.clock() - began
        return messages
