"""What all sections of a task file have in common: what they do not know is a mistake."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """One of them."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())
