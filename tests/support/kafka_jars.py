"""The jars of Apache Kafka, fetched once with Maven into the user's cache."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

KAFKA_VERSION = os.environ.get("WINNOW_TEST_KAFKA_VERSION", "4.1.1")
_POM = Path(__file__).with_name("kafka_pom.xml")


class BrokerUnavailable(Exception):
    """This machine lacks what a broker needs; the message says what."""


def kafka_jars() -> Path:
    """The folder with the jars; fetches them when they are not there or the pom has changed."""
    for tool in ("java", "mvn"):
        if shutil.which(tool) is None:
            raise BrokerUnavailable(f"no {tool} on the PATH (Apache Kafka from Maven needs java 17 and mvn)")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "winnow-tests" / "kafka" / KAFKA_VERSION
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _fetch_unless_complete(cache)
    return cache


def _fetch_unless_complete(cache: Path) -> None:
    digest = hashlib.sha256(_POM.read_bytes()).hexdigest()
    mark = cache / "complete"
    if mark.exists() and mark.read_text() == digest:
        return
    maven = ["mvn", "-B", "-q", "-f", str(_POM), f"-Dkafka.version={KAFKA_VERSION}"]
    copy = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={cache}"]
    done = subprocess.run([*maven, *copy], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BrokerUnavailable(f"mvn could not fetch Kafka {KAFKA_VERSION}: {done.stdout[-500:]}")
    mark.write_text(digest)
