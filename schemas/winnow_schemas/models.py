"""`models.v1`: snapshots of models: a manifest, and beside it the bytes in chunks."""

from typing import Literal

from winnow_schemas.base import Contract, Moment

Form = Literal["compiled", "delta"]


class ModelManifest(Contract):
    """What stands under `champion`, `delta/VERSION`, `state/champion`, `challenger/NAME` or `kept/VERSION`.

    `version` is the number of verdict offsets learned from, so `verdict_offset` (the next verdict
    to learn) equals it for a model that was never rolled back. `form` says what the bytes are: a
    compiled model, or a delta that leads from the compiled version `base_version` to this one; without it
    they are a pickle, which is what a learner resumes from. `digest` names what a compiled model or a
    delta comes to: who has it already need not read the bytes. `chunks` are the keys of the raw
    pieces, in order; `sha256` is of the pieces joined. `figures` are prequential. `fresh` are the
    times of the answers learned since the publication before (the newest 500), so that a scorer
    can tell how long an answer took to reach it. `since` is the first version of a model that was promoted or gone
    back to; one without it has decided from the beginning.
    """

    slot: str
    name: str
    version: int
    verdict_offset: int
    task: str
    format: int
    form: Form | None = None
    digest: str | None = None
    base_version: int | None = None
    chunks: list[str]
    bytes: int
    sha256: str
    learned: int
    since: int | None = None
    fresh: list[Moment] = []
    figures: dict[str, float] = {}
    at: Moment
