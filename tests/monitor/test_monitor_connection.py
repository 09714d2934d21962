import pytest

from winnow.monitor.connection import broker_urls, credentials
from winnow.runtime.errors import UsageError


def test_every_server_is_an_address():
    assert [str(url) for url in broker_urls("one:9092, two:9093")] == ["kafka://one:9092", "kafka://two:9093"]


def test_a_plain_cluster_needs_no_credentials():
    assert credentials({"bootstrap_servers": "one:9092"}) is None


def test_a_password_travels_in_the_mechanism_asked_for():
    given = {
        "security_protocol": "sasl_ssl",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_username": "winnow",
        "sasl_password": "secret",
    }
    found = credentials(given)

    assert (found.username, found.password) == ("winnow", "secret")
    assert (found.protocol.value, found.mechanism.value) == ("SASL_SSL", "SCRAM-SHA-512")
    assert found.ssl_context.check_hostname


@pytest.mark.parametrize(
    "given",
    [
        {"security_protocol": "carrier pigeon"},
        {"security_protocol": "SASL_SSL", "sasl_mechanism": "GSSAPI"},
        {"security_protocol": "SSL", "ssl_ca_location": "/nowhere/ca.pem"},
    ],
)
def test_what_the_monitor_cannot_do_is_said_in_one_line(given):
    with pytest.raises(UsageError) as error:
        credentials(given)

    assert "\n" not in str(error.value)
