"""The cluster's address and credentials in Faust's terms.

The deployment says them in librdkafka's (`kafka.security_protocol`, `kafka.sasl_mechanism`, …), which
all other services pass on as they are; Faust stands on aiokafka and wants objects.
"""

import ssl
from collections.abc import Mapping

import faust
from faust.types.auth import CredentialsT
from yarl import URL

from winnow.runtime.errors import UsageError

_SASL = ("SASL_PLAINTEXT", "SASL_SSL")
_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")


def broker_urls(bootstrap_servers: str) -> list[URL]:
    """Faust's addresses of `host:port,host:port`."""
    return [URL(f"kafka://{server.strip()}") for server in bootstrap_servers.split(",") if server.strip()]


def credentials(kafka: Mapping[str, str]) -> CredentialsT | None:
    """Faust's credentials, None for a cluster without any; raises `UsageError` for what it cannot do."""
    protocol = kafka.get("security_protocol", "PLAINTEXT").upper()
    if protocol == "PLAINTEXT":
        return None
    if protocol == "SSL":
        return faust.SSLCredentials(context=_tls(kafka))
    if protocol not in _SASL:
        raise UsageError(f"kafka.security_protocol={protocol}: use one of PLAINTEXT, SSL, {', '.join(_SASL)}")
    mechanism = kafka.get("sasl_mechanism", kafka.get("sasl_mechanisms", "PLAIN")).upper()
    if mechanism not in _MECHANISMS:
        raise UsageError(f"kafka.sasl_mechanism={mechanism}: the monitor knows {', '.join(_MECHANISMS)}")
    return faust.SASLCredentials(
        username=kafka.get("sasl_username"),
        password=kafka.get("sasl_password"),
        mechanism=mechanism,
        ssl_context=_tls(kafka) if protocol == "SASL_SSL" else None,
    )


def _tls(kafka: Mapping[str, str]) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=kafka.get("ssl_ca_location"), cadata=kafka.get("ssl_ca_pem"))
        if certificate := kafka.get("ssl_certificate_location"):
            context.load_cert_chain(certificate, kafka.get("ssl_key_location"), kafka.get("ssl_key_password"))
    except OSError as error:
        raise UsageError(f"kafka.ssl_…: {error}: correct the paths of the certificates") from None
    if kafka.get("ssl_endpoint_identification_algorithm") == "none":
        context.check_hostname = False
    if kafka.get("enable_ssl_certificate_verification") == "false":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
