"""Settings: what goes before what, what is refused, and that secrets stay out of sight."""

import json
from pathlib import Path

import confluent_kafka
import pytest

from winnow.runtime.errors import UsageError
from winnow.runtime.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def _an_empty_environment(monkeypatch):
    import os

    for name in [name for name in os.environ if name.startswith("WINNOW_")]:
        monkeypatch.delenv(name)


def settings_with(**kafka: str) -> Settings:
    return load_settings(overrides={"kafka": {"bootstrap_servers": "broker:9092", **kafka}})


def test_flags_go_before_the_file_and_the_file_before_the_environment(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("WINNOW_PREFIX", "from-env")
    monkeypatch.setenv("WINNOW_SLOT", "from-env")
    monkeypatch.setenv("WINNOW_HTTP__HOST", "from-env")
    monkeypatch.setenv("WINNOW_KAFKA__BOOTSTRAP_SERVERS", "from-env:1")
    monkeypatch.setenv("WINNOW_KAFKA__CLIENT_ID", "from-env")
    file = tmp_path / "settings.yaml"
    file.write_text(
        "slot: from-file\nhttp: {host: from-file}\nkafka: {client.id: from-file}\nredis:\n  url: redis://file\n"
    )

    settings = load_settings(file, {"http": {"host": "from-flag", "port": None}, "redis": {"url": None}})

    assert (settings.prefix, settings.slot, settings.http.host) == ("from-env", "from-file", "from-flag")
    assert settings.redis.url == "redis://file"
    assert settings.admin_config()["bootstrap.servers"] == "from-env:1"
    assert settings.admin_config()["client.id"] == "from-file"


def test_a_password_of_digits_stays_a_text(monkeypatch):
    monkeypatch.setenv("WINNOW_KAFKA__BOOTSTRAP_SERVERS", "broker:9092")
    monkeypatch.setenv("WINNOW_KAFKA__SASL_PASSWORD", "1e5")
    monkeypatch.setenv("WINNOW_KAFKA__SSL_KEY_PASSWORD", "true")
    assert load_settings().admin_config()["sasl.password"] == "1e5"
    assert load_settings().admin_config()["ssl.key.password"] == "true"


def test_secrets_are_not_in_the_repr():
    settings = load_settings(
        overrides={
            "kafka": {"sasl_password": "hush-1"},
            "redis": {"url": "redis://:hush-2@redis"},
            "secrets": {"salt": "hush-3-hush-3"},
        }
    )
    assert "hush" not in repr(settings)
    assert settings.salt == "hush-3-hush-3"


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ({"http": {"port": "many"}}, "setting http.port (or WINNOW_HTTP__PORT)"),
        ({"broker": "rabbit"}, "'kafka' or 'tansu'"),
        ({"brokr": "kafka"}, "setting brokr (or WINNOW_BROKR): there is no such setting"),
        ({"partitions": 0}, "greater than or equal to 1"),
        ({"slot": "a b"}, "setting slot"),
        ({"kafka": {"enable.auto.commit": True}}, "kafka.enable_auto_commit cannot be set"),
        ({"kafka": {"partitioner": "random"}}, "same partition number"),
    ],
)
def test_a_wrong_setting_is_told_in_one_line_with_its_name(overrides, told):
    with pytest.raises(UsageError) as caught:
        load_settings(overrides=overrides)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["[1, 2]", "a: b: c", "\x00", "just words"])
def test_a_settings_file_that_is_no_mapping_is_told(tmp_path: Path, text: str):
    file = tmp_path / "settings.yaml"
    file.write_text(text)
    with pytest.raises(UsageError, match=r"settings\.yaml|settings file"):
        load_settings(file)


def test_a_missing_settings_file_is_told(tmp_path: Path):
    with pytest.raises(UsageError, match="cannot read"):
        load_settings(tmp_path / "none.yaml")


def test_an_environment_variable_that_should_be_json_is_told(monkeypatch):
    monkeypatch.setenv("WINNOW_KAFKA", "{")
    with pytest.raises(UsageError, match="kafka"):
        load_settings()


def test_settings_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        load_settings().prefix = "other"  # type: ignore[misc]


def test_without_a_cluster_the_error_says_how_to_name_one():
    with pytest.raises(UsageError, match="WINNOW_KAFKA__BOOTSTRAP_SERVERS"):
        load_settings().consumer_config("group")


def test_the_salt_may_lie_in_a_file_and_its_id_does_not_tell_it(tmp_path: Path):
    file = tmp_path / "salt"
    file.write_text("0123456789abcdef\n")
    given = load_settings(overrides={"secrets": {"salt": "0123456789abcdef"}})
    read = load_settings(overrides={"secrets": {"salt_file": file}})
    assert read.salt == given.salt
    assert read.salt_id == given.salt_id
    assert len(read.salt_id) == 8
    assert load_settings(overrides={"secrets": {"salt": "0123456789abcdeg"}}).salt_id != read.salt_id


@pytest.mark.parametrize("secrets", [{}, {"salt": "short"}, {"salt_file": "/nowhere/salt"}])
def test_without_a_usable_salt_the_error_says_what_to_do(secrets):
    with pytest.raises(UsageError, match="salt"):
        _ = load_settings(overrides={"secrets": secrets}).salt


def test_each_service_has_its_own_port_unless_one_is_given():
    assert load_settings().http_port("review") == 8000
    assert load_settings(overrides={"http": {"port": 7}}).http_port("review") == 7
    assert load_settings(overrides={"http": {"port": 0}}).http_port("review") == 0


def test_the_task_is_read_once(tmp_path: Path):
    file = tmp_path / "task.yaml"
    file.write_text("task: spam\nlabels: [ham, spam]\ninput: {text: true}\n")
    settings = load_settings(overrides={"task_file": file})
    task = settings.task
    file.unlink()
    assert settings.task is task


def test_the_clients_accept_the_defaults():
    settings = settings_with(log_level="0")
    confluent_kafka.Consumer(settings.consumer_config("group")).close()
    confluent_kafka.Producer(settings.producer_config("an-id"))
    confluent_kafka.Producer(settings.producer_config(None))
    json.dumps(settings.admin_config())


def test_the_new_group_protocol_leaves_the_session_to_the_broker():
    settings = settings_with(group_protocol="consumer")
    assert "session.timeout.ms" not in settings.consumer_config("group")
    confluent_kafka.Consumer(settings.consumer_config("group")).close()


def test_a_users_key_goes_before_the_projects_default():
    assert settings_with(linger_ms="50").producer_config(None)["linger.ms"] == "50"
    assert settings_with(**{"linger.ms": "51"}).producer_config(None)["linger.ms"] == "51"


def test_a_transaction_ends_before_its_worker_is_taken_for_dead():
    producer, consumer = settings_with().producer_config("id"), settings_with().consumer_config("group")
    assert producer["transaction.timeout.ms"] < consumer["max.poll.interval.ms"]


def test_a_transaction_right_after_another_does_not_wait_long_for_it():
    assert settings_with().producer_config("id")["retry.backoff.ms"] <= 5


def test_the_embedded_broker_gets_a_short_session():
    tansu = load_settings(overrides={"broker": "tansu", "kafka": {"bootstrap_servers": "broker:9092"}})
    assert tansu.consumer_config("group")["session.timeout.ms"] == 6000
    assert settings_with().consumer_config("group")["session.timeout.ms"] == 10000
