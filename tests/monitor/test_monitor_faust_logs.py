import logging

from winnow.monitor.faust_logs import NotAgain


def record(message, at):
    made = logging.LogRecord("aiokafka", logging.ERROR, "", 0, message, None, None)
    made.created = at
    return made


def test_the_same_message_is_said_once_in_a_while():
    once = NotAgain(again_after_s=30)
    story = [("away", 0), ("away", 0.1), ("other", 0.2), ("away", 29), ("away", 31), ("away", 31.1)]

    assert [at for message, at in story if once.filter(record(message, at))] == [0, 0.2, 31]
