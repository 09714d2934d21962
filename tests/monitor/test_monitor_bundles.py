"""Evidence that goes through Faust as one message: none is left behind, none has its turn twice."""

from typing import NamedTuple

from winnow.monitor.bundles import Bundles


class Fetched(NamedTuple):
    offset: int


def fetched(*offsets: int) -> list[Fetched]:
    return [Fetched(offset) for offset in offsets]


def test_the_first_message_stands_for_all_that_were_fetched_with_it():
    bundles = Bundles()

    assert bundles.tie(fetched(3, 4, 7)) == fetched(3)
    assert bundles.tie(fetched(9)) == fetched(9)
    assert bundles.untie(3) == fetched(3, 4, 7)
    assert bundles.untie(9) == fetched(9)


def test_what_had_its_turn_has_it_once():
    bundles = Bundles()
    bundles.tie(fetched(3, 4))
    bundles.untie(3)

    assert bundles.untie(3) == ()


def test_nothing_fetched_is_nothing_to_tie():
    assert Bundles().tie([]) == []


def test_what_was_fetched_again_takes_the_place_of_what_was_fetched_before():
    bundles = Bundles()
    bundles.tie(fetched(3, 4))
    bundles.tie(fetched(3, 4, 5, 6))

    assert bundles.untie(3) == fetched(3, 4, 5, 6)


def test_a_seek_drops_what_is_behind_it_and_keeps_what_reaches_beyond():
    bundles = Bundles()
    bundles.tie(fetched(1, 2))
    bundles.tie(fetched(3, 4))
    bundles.sought(4)

    assert bundles.untie(1) == ()
    assert bundles.untie(3) == fetched(3, 4)
