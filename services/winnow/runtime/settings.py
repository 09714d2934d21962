"""Settings of a deployment: from the environment, from a file, from flags, in that order of rising weight.

Promises: one `Settings` is frozen and complete; whatever is missing or wrong is a `UsageError` that
names the setting and how to give it. What keeps the stream exact (see `_FIXED`) cannot be set.
"""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from winnow.runtime import kafka_defaults
from winnow.runtime.errors import UsageError
from winnow.runtime.task_file import load_task
from winnow_schemas.task import Task
from winnow_schemas.topics import Topics

BrokerKind = Literal["kafka", "tansu"]
PREFIX = "WINNOW_"
HTTP_PORTS = {"review": 8000, "scorer": 8001, "learner": 8002, "monitor": 8003, "dashboard": 8004}
MIN_SALT = 8


def _as_librdkafka_writes(values: Any) -> Any:
    if not isinstance(values, Mapping):
        return values
    return {
        str(key).replace(".", "_").lower(): str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in values.items()
    }


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class RedisSettings(_Section):
    """Where Redis is; it holds only what can be rebuilt from Kafka."""

    url: Annotated[str, Field(repr=False)] = "redis://127.0.0.1:6379/0"


class HttpSettings(_Section):
    """Where a service answers over HTTP; without a port each service has its own."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] | None = None


class SecretSettings(_Section):
    """The salt of the coins, and the keys that sign models (lines `id:hex`; the first signs, all verify)."""

    salt: SecretStr | None = None
    salt_file: Path | None = None
    model_key_file: Path | None = None


class ReviewSettings(_Section):
    """Who may review: a YAML list of `{name, role: reviewer|operator, token_sha256}`."""

    reviewers_file: Path | None = None


class LogSettings(_Section):
    """What is logged and how: `auto` is for people on a terminal and JSON lines elsewhere."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"


class Settings(BaseSettings):
    """One deployment as one service sees it. `slot` is this worker's stable place among its equals."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", frozen=True, extra="forbid", protected_namespaces=()
    )

    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] = "winnow"
    partitions: Annotated[int, Field(ge=1, le=1000)] = 4
    replication: Annotated[int, Field(ge=1, le=9)] | None = None
    task_file: Path = Path("task.yaml")
    slot: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")] = "0"
    broker: BrokerKind = "kafka"
    kafka: Annotated[dict[str, str], BeforeValidator(_as_librdkafka_writes), Field(repr=False)] = {}
    redis: RedisSettings = RedisSettings()
    http: HttpSettings = HttpSettings()
    secrets: SecretSettings = SecretSettings()
    review: ReviewSettings = ReviewSettings()
    log: LogSettings = LogSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is passed in goes before the environment; there is no other source."""
        return init_settings, _Environment(settings_cls)

    @property
    def topics(self) -> Topics:
        """Full names of the topics on the cluster."""
        return Topics(self.prefix)

    @cached_property
    def task(self) -> Task:
        """The validated task file."""
        return load_task(self.task_file)

    @cached_property
    def salt(self) -> str:
        """The secret from which the coins are made."""
        secrets = self.secrets
        if secrets.salt is not None:
            salt = secrets.salt.get_secret_value().strip()
        elif secrets.salt_file is not None:
            salt = read_text(secrets.salt_file, "secrets.salt_file").strip()
        else:
            raise UsageError("no salt given: set WINNOW_SECRETS__SALT_FILE to a file made by `openssl rand -hex 32`")
        if len(salt) < MIN_SALT:
            raise UsageError(f"the salt is shorter than {MIN_SALT} characters: make one with `openssl rand -hex 32`")
        return salt

    @property
    def salt_id(self) -> str:
        """Public name of the salt (8 hex characters): policies carry it, so that a wrong salt is noticed."""
        return hashlib.blake2b(self.salt.encode(), digest_size=4, person=b"winnow-salt").hexdigest()

    @property
    def bootstrap_servers(self) -> str:
        """The cluster's addresses."""
        if servers := self.kafka.get("bootstrap_servers"):
            return servers
        raise UsageError("no Kafka cluster given: set WINNOW_KAFKA__BOOTSTRAP_SERVERS=host:port")

    def http_port(self, service: str) -> int:
        """The port given, or the one that this service has by default."""
        return HTTP_PORTS[service] if self.http.port is None else self.http.port

    def consumer_config(self, group: str) -> dict[str, Any]:
        """Librdkafka's settings for a member of this group."""
        return kafka_defaults.consumer(self._librdkafka(), self.broker, group)

    def producer_config(self, transactional_id: str | None) -> dict[str, Any]:
        """Librdkafka's settings for an idempotent producer, transactional when it has an id."""
        return kafka_defaults.producer(self._librdkafka(), transactional_id)

    def admin_config(self) -> dict[str, Any]:
        """Librdkafka's settings for looking after topics."""
        return kafka_defaults.admin(self._librdkafka())

    def _librdkafka(self) -> dict[str, str]:
        given = {kafka_defaults.librdkafka_key(key): value for key, value in self.kafka.items()}
        return {**given, "bootstrap.servers": self.bootstrap_servers}


class _Environment(EnvSettingsSource):
    """Values under WINNOW_KAFKA__ are texts as they stand: a password of digits is no number."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        return super().decode_complex_value(field_name, field, value) if isinstance(field, FieldInfo) else value


def load_settings(file: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Settings from the environment, over them the file's, over them the flags' (None: not given)."""
    given = _over(_given(overrides or {}), _from_file(file) if file else {})
    try:
        settings = Settings(**given)
    except ValidationError as error:
        raise UsageError("\n".join(_explain(error))) from None
    except SettingsError as error:
        raise UsageError(f"settings from the environment: {error} (it must be JSON)") from None
    kafka_defaults.refuse_fixed(settings.kafka)
    return settings


def read_text(path: Path, setting: str) -> str:
    """A file that a setting names; raises `UsageError`."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{setting}: cannot read {path}: {error}") from None


def _from_file(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(read_text(path, "settings file"))
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: this is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(values, dict | None):
        raise UsageError(f"{path}: a settings file is a mapping, such as `kafka: {{bootstrap_servers: host:port}}`")
    return _given(values or {})


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is None; keys of librdkafka in one spelling, so that they can replace each other."""
    kept = {key: _given(value) if isinstance(value, Mapping) else value for key, value in values.items()}
    if isinstance(kept.get("kafka"), Mapping):
        kept["kafka"] = _as_librdkafka_writes(kept["kafka"])
    return {key: value for key, value in kept.items() if value is not None}


def _over(upper: Mapping[str, Any], lower: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(lower)
    for key, value in upper.items():
        below = merged.get(key)
        merged[key] = _over(value, below) if isinstance(value, Mapping) and isinstance(below, Mapping) else value
    return merged


def _explain(error: ValidationError) -> list[str]:
    lines = []
    for detail in error.errors(include_url=False, include_input=False):
        path = [str(part) for part in detail["loc"]]
        unknown = detail["type"] == "extra_forbidden"
        wrong = "there is no such setting" if unknown else detail["msg"].removeprefix("Value error, ")
        lines.append(f"setting {'.'.join(path)} (or {PREFIX}{'__'.join(path).upper()}): {wrong}")
    return lines
