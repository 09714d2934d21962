"""`models.v1`: snapshots of models: a manifest, and beside it the bytes in chunks."""

from winnow_schemas.base import Contract, Moment


class ModelManifest(Contract):
    """What stands under `champion`, `challenger/NAME` or `kept/VERSION`.

    `version` is the number of verdict offsets learned from, so `verdict_offset` (the next verdict
    to learn) equals it for a model that was never rolled back. `chunks` are the keys of the raw
    pieces, in order; `sha256` is of the pieces joined. `figures` are prequential. `fresh` are the
    times of the answers learned since the publication before (the newest 500), so that a scorer
    can tell how long an answer took to reach it.
    """

    slot: str
    name: str
    version: int
    verdict_offset: int
    task: str
    format: int
    chunks: list[str]
    bytes: int
    sha256: str
    learned: int
    fresh: list[Moment] = []
    figures: dict[str, float] = {}
    at: Moment
