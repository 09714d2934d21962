"""Files that hold a deployment's secrets: salt, model keys, and who may review (tokens only as hashes)."""

import hashlib
import os
import secrets
from pathlib import Path
from typing import Any, Literal

import yaml

from winnow.runtime.errors import UsageError

Role = Literal["reviewer", "operator", "consumer"]
KEYS_KEPT = 2
SALT, MODEL_KEYS, REVIEWERS = "salt", "model.keys", "reviewers.yaml"


def write_salt(path: Path) -> None:
    """A new salt; refuses to replace one, since another salt tosses other coins."""
    if path.exists():
        raise UsageError(f"{path}: there is a salt already; another one would toss other coins")
    _write(path, secrets.token_hex(32) + "\n")


def add_model_key(path: Path) -> str:
    """Puts a new signing key before the others and keeps the newest two; returns its id."""
    before = path.read_text(encoding="utf-8").split() if path.exists() else []
    key_id = secrets.token_hex(4)
    _write(path, "".join(f"{line}\n" for line in [f"{key_id}:{secrets.token_hex(32)}", *before][:KEYS_KEPT]))
    return key_id


def add_reviewer(path: Path, name: str, role: Role) -> str:
    """Writes the hash of a new token into the reviewers file; the token is returned and stands nowhere else."""
    known = read_reviewers(path) if path.exists() else []
    if any(reviewer.get("name") == name for reviewer in known):
        raise UsageError(f"{path}: {name} is a reviewer already; take the entry out first to give a new token")
    token = secrets.token_urlsafe(24)
    entry = {"name": name, "role": role, "token_sha256": hashlib.sha256(token.encode()).hexdigest()}
    _write(path, yaml.safe_dump([*known, entry], sort_keys=False, allow_unicode=True))
    return token


def revoke_reviewer(path: Path, name: str) -> None:
    """Takes a reviewer out of the file: the token and all sessions begun with it end within a second."""
    known = read_reviewers(path)
    left = [reviewer for reviewer in known if reviewer.get("name") != name]
    if len(left) == len(known):
        names = ", ".join(str(reviewer.get("name")) for reviewer in known) or "nobody"
        raise UsageError(f"{path}: {name} is no reviewer (there: {names})")
    _write(path, yaml.safe_dump(left, sort_keys=False, allow_unicode=True))


def read_reviewers(path: Path) -> list[dict[str, Any]]:
    """The entries of a reviewers file."""
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"{path}: cannot read the reviewers: {' '.join(str(error).split())}") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UsageError(f"{path}: a list of {{name, role, token_sha256}} is wanted")
    return entries


def complete_secrets(directory: Path) -> str | None:
    """Makes what is missing of salt, model keys and reviewers; a new operator's token, if one was made."""
    if not (directory / SALT).exists():
        write_salt(directory / SALT)
    if not (directory / MODEL_KEYS).exists():
        add_model_key(directory / MODEL_KEYS)
    if (directory / REVIEWERS).exists():
        return None
    return add_reviewer(directory / REVIEWERS, "operator", "operator")


def settings_for(directory: Path) -> dict[str, Any]:
    """The settings that point at the secrets in this directory."""
    where = directory.resolve()
    return {
        "secrets": {"salt_file": where / SALT, "model_key_file": where / MODEL_KEYS},
        "review": {"reviewers_file": where / REVIEWERS},
    }


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and for the owner's eyes only."""
    draft = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot write it: {error.strerror}") from None
