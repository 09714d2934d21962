"""`winnow keys`, `winnow reviewers` and `winnow setup`: the secrets a deployment needs."""

from pathlib import Path
from typing import Annotated

import typer

from winnow.cli import secret_files
from winnow.cli.secret_files import Role
from winnow.cli.settings_options import with_settings
from winnow.cli.terminal import JsonOption, say, say_json
from winnow.runtime import admin
from winnow.runtime.errors import UsageError
from winnow.runtime.settings import Settings

SETUP_WAIT_S = 60.0

keys = typer.Typer(help="The keys that sign models, and the salt of the coins.", no_args_is_help=True)
reviewers = typer.Typer(help="Who may review.", no_args_is_help=True)
setup = typer.Typer()


ReviewersFile = Annotated[
    Path | None, typer.Option("--file", help="Reviewers file (else WINNOW_REVIEW__REVIEWERS_FILE).")
]


@keys.command("new")
def new_key(
    file: Annotated[Path, typer.Argument(help="Key file, made if it is not there.")],
) -> None:
    """Put a new signing key first into the key file. The key before it still verifies, so keys can be rotated.

    Example: winnow keys new model.keys
    """
    say(f"{file}: key {secret_files.add_model_key(file)} signs from the next start on")


@keys.command("salt")
def new_salt(file: Annotated[Path, typer.Argument(help="Salt file; must not be there yet.")]) -> None:
    """Write a new salt, from which a task's audit coins are tossed. Keep it secret, never change it.

    Example: winnow keys salt spam.salt
    """
    secret_files.write_salt(file)
    say(f"{file}: give it to all scorers with WINNOW_SECRETS__SALT_FILE")


@reviewers.command("add")
@with_settings
def add_reviewer(
    settings: Settings,
    name: Annotated[str, typer.Argument(help="Name that will stand on the answers.")],
    role: Annotated[Role, typer.Option(help="What they may do.")] = "reviewer",
    file: ReviewersFile = None,
    as_json: JsonOption = False,
) -> None:
    """Add a reviewer, and print the token to log in with. It is printed once; the file keeps its hash only.

    Example: winnow reviewers add ada --file reviewers.yaml
    """
    token = secret_files.add_reviewer(_reviewers_file(settings, file), name, role)
    if as_json:
        say_json({"name": name, "role": role, "token": token})
    else:
        say(f"token of {name} ({role}), shown this once: {token}")


@reviewers.command("list")
@with_settings
def list_reviewers(settings: Settings, file: ReviewersFile = None, as_json: JsonOption = False) -> None:
    """Show who may review, and in which role. Tokens are not shown: the file keeps their hashes only.

    Example: winnow reviewers list --file reviewers.yaml
    """
    known = secret_files.read_reviewers(_existing(_reviewers_file(settings, file)))
    shown = [{"name": str(each.get("name")), "role": str(each.get("role"))} for each in known]
    if as_json:
        say_json(shown)
    else:
        for each in shown:
            say(f"{each['name']}\t{each['role']}")


@reviewers.command("revoke")
@with_settings
def revoke(
    settings: Settings,
    name: Annotated[str, typer.Argument(help="Whose token is to end.")],
    file: ReviewersFile = None,
) -> None:
    """Take a reviewer out: token and open sessions end within a second, answers to what is open count no more.

    Verdicts stand. The same name may be added again, with a new token.

    Example: winnow reviewers revoke ada --file reviewers.yaml
    """
    path = _existing(_reviewers_file(settings, file))
    secret_files.revoke_reviewer(path, name)
    say(f"{name} may review no longer")


def _reviewers_file(settings: Settings, file: Path | None) -> Path:
    path = file or settings.review.reviewers_file
    if path is None:
        raise UsageError("which reviewers file? Name it with --file or WINNOW_REVIEW__REVIEWERS_FILE")
    return path


def _existing(path: Path) -> Path:
    if not path.exists():
        raise UsageError(f"{path}: there is no such file; `winnow reviewers add NAME --file {path}` makes it")
    return path


@setup.command("setup")
@with_settings
def set_up(
    settings: Settings,
    directory: Annotated[Path, typer.Argument(help="Where salt, model.keys and reviewers.yaml are kept.")],
) -> None:
    """Prepare a first start: make the topics, and those secrets that are not there yet.

    Example: winnow setup /var/lib/winnow --bootstrap localhost:9092 --task spam.yaml
    """
    admin.wait_for_broker(settings, SETUP_WAIT_S)
    admin.create_topics(settings)
    token = secret_files.complete_secrets(directory)
    if token:
        say(f"token to log in with, shown this once: {token}")
    say(f"topics {settings.prefix}.* and secrets in {directory} are there")
