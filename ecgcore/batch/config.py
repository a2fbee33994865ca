"""What a batch does: which recordings, which steps, by which checkpoint."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import Field, TypeAdapter, ValidationError

from ecgcore.errors import EcgError
from ecgcore.records.catalog import database, databases, folder_database
from ecgcore.records.database import Database

Step = Literal["peaks", "classify", "rr", "explain"]
STEPS: Final[tuple[Step, ...]] = get_args(Step)
USUAL: Final[tuple[Step, ...]] = ("peaks", "classify", "rr")


@dataclass(frozen=True, kw_only=True)
class BatchConfig:
    """A batch's settings.

    ``steps``: "peaks", R-peaks with their annotation file and the signal's quality, is always
    done; "classify" gives each beat its class and probabilities; "rr" the rhythm in a few figures,
    of normal beats where they are classified; "explain" maps of ``maps`` beats of each predicted
    class, the surest ones, by ``method``. ``peaks``: which R-peaks beats are cut at.
    Raises EcgError, naming what is wrong.
    """

    database: str  # its name, or a folder with recordings at any depth
    records: str = "all"  # "all", a group such as "DS2", or names with commas
    checkpoint: str = ""
    steps: tuple[Step, ...] = USUAL
    peaks: Literal["detected", "annotated"] = "detected"
    lead: str | None = None  # None: the checkpoint's, else MLII or the first
    method: str = "gradcam"
    maps: Annotated[int, Field(ge=1, le=1000)] = 3

    def __post_init__(self) -> None:
        if "explain" in self.steps and "classify" not in self.steps:
            raise EcgError("The step explain needs the step classify; name both.")
        if self.classifies and not self.checkpoint:
            raise EcgError("The step classify needs a checkpoint; name one, or leave it out.")

    @property
    def classifies(self) -> bool:
        """Whether a checkpoint is asked."""
        return "classify" in self.steps

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain

    def decisive(self) -> dict[str, Any]:
        """Return the settings that a recording's results depend on, as plain JSON values.

        Where recordings and checkpoint are is not what they are, and is left out.
        """
        found = self.to_json()
        for name in ("database", "records", "checkpoint"):
            del found[name]
        if "explain" not in self.steps:
            del found["method"], found["maps"]
        steps = {"peaks", *self.steps}
        return {**found, "steps": [step for step in STEPS if step in steps]}


def batch_config(values: Mapping[str, Any], place: str) -> BatchConfig:
    """Return the settings that plain ``values`` say. Raises EcgError, beginning with ``place``."""
    try:
        return TypeAdapter(BatchConfig).validate_python(dict(values))
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "literal_error":
            raise EcgError(
                f"{place}: {first['input']!r} is no choice for {first['loc'][0]}; "
                f"possible are {first['ctx']['expected']}."
            ) from None
        where = ".".join(map(str, first["loc"]))
        raise EcgError(f"{place}: {where}: {first['msg']}.") from None


def source(config: BatchConfig) -> Database:
    """Return the recordings' database: one of the data folder by its name, or any folder.

    Raises RecordError when there is none.
    """
    wanted = config.database
    if os.sep in wanted or wanted.startswith(("~", ".")):
        return folder_database(Path(wanted).expanduser())
    if wanted not in databases() and Path(wanted).is_dir():
        return folder_database(Path(wanted))
    return database(wanted)
