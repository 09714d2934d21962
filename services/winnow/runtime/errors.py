"""The few kinds of errors a service knows.

A message that breaks its contract is an `InvalidMessage` (in `winnow_schemas.codec`) and becomes a
dead letter; everything that is none of these crashes the service with the position in the log.
"""


class TransientError(Exception):
    """Something outside does not answer now; the loop aborts, waits and tries the same again."""


class RestartNeeded(Exception):
    """The process can no longer work safely (fenced, fatal client error): exit 1 and be started again."""


class StoppedWaiting(Exception):
    """The process was asked to end while it waited for something outside; nothing was begun. Exit 0."""


class UsageError(Exception):
    """The operator must change something; the one-line message says what is wrong and what to do. Exit 2."""
