"""Whether every record that became a dead letter breaks its contract when it is read again, and in the same way."""

from winnow.replay.topics.comparison import Deviation
from winnow.replay.topics.findings import Difference, Findings
from winnow.replay.topics.gathered import Gathered, Place
from winnow_schemas.codec import InvalidMessage, decode, decode_record
from winnow_schemas.dead_letters import DeadLetter


class DeadLetterCheck:
    """All dead letters about records that were laid down."""

    def __init__(self, gathered: Gathered, findings: Findings) -> None:
        self._gathered = gathered
        self._findings = findings

    def run(self) -> None:
        """Where the record is gone, the letter's own bytes are read."""
        for place, value in self._gathered.dead():
            letter = decode(DeadLetter, value)
            deviations = self._deviations(place, letter)
            if deviations:
                what = f"record {place.partition}/{place.offset}"
                self._findings.dead_letters.differs(Difference(what, "dead-letters", deviations))
            else:
                self._findings.dead_letters.is_equal()

    def _deviations(self, place: Place, letter: DeadLetter) -> tuple[Deviation, ...]:
        stands = self._gathered.record_at(place)
        original = stands.value if stands.is_there else letter.original
        if (original or b"") != letter.original:
            return (Deviation("original", "as the letter carries it", "as it stands on records"),)
        try:
            decode_record(original)  # type: ignore[arg-type]  # a missing value is refused there
        except InvalidMessage as error:
            same = error.code == letter.error.code
            return () if same else (Deviation("error", letter.error.code, error.code),)
        return (Deviation("outcome", "dead letter", "a record like others"),)
