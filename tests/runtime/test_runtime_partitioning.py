"""Keys lie where Java's client puts them."""

import pytest

from winnow.runtime.partitioning import murmur2, partition_of


@pytest.mark.parametrize(
    ("key", "hashed"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_murmur2_is_that_of_kafka_s_own_tests(key: bytes, hashed: int) -> None:
    assert murmur2(key) == hashed & 0xFFFFFFFF


def test_every_key_has_a_partition() -> None:
    assert {partition_of(f"record {number}".encode(), 4) for number in range(100)} == {0, 1, 2, 3}
    assert partition_of(b"", 1) == 0
