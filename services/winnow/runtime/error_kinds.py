"""What an error of the Kafka client means for a transaction.

The order of judgement matters: a fenced producer may be told that aborting would help, and a
time-out that trying again would; neither is safe.
"""

from enum import Enum, auto

from confluent_kafka import KafkaError


class ErrorKind(Enum):
    """What is left to do: see `recovery`."""

    FENCED = auto()
    FATAL = auto()
    TIMED_OUT = auto()
    RETRIABLE = auto()
    ABORTABLE = auto()
    UNKNOWN = auto()


FENCED_CODES = frozenset(
    {
        KafkaError._FENCED,  # noqa: SLF001 - the client's own name for it
        KafkaError.PRODUCER_FENCED,
        KafkaError.INVALID_PRODUCER_EPOCH,
        KafkaError.FENCED_INSTANCE_ID,
    }
)


def kind_of(error: KafkaError) -> ErrorKind:
    """The error's kind; the first that fits."""
    if error.code() in FENCED_CODES:
        return ErrorKind.FENCED
    if error.fatal():
        return ErrorKind.FATAL
    if error.code() == KafkaError._TIMED_OUT:  # noqa: SLF001 - the client's own name for it
        return ErrorKind.TIMED_OUT
    if error.retriable():
        return ErrorKind.RETRIABLE
    if error.txn_requires_abort():
        return ErrorKind.ABORTABLE
    return ErrorKind.UNKNOWN
