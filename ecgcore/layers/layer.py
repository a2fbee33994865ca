"""A layer of annotations: whose it is, what it is over and what it began as."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

OriginKind = Literal["source", "detector", "checkpoint", "layer", "file", "empty"]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What a layer began as."""

    kind: OriginKind
    name: str = ""  # annotator, detector, checkpoint, other layer or file
    detail: str = ""  # such as the checkpoint's digest, the detector's lead, the layer's version
    digest: str = ""  # the recording's files as they were then
    tool: str = ""  # BeatLens' version

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @property
    def words(self) -> str:
        """Say it, such as "annotations atr" or "predictions of resunet-b2"."""
        match self.kind:
            case "source":
                return f"annotations {self.name}"
            case "detector":
                return f"peaks of {self.name}"
            case "checkpoint":
                return f"predictions of {self.name}"
            case "layer":
                return f"layer {self.name}"
            case "file":
                return f"file {self.name}"
            case "empty":
                return "nothing"


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A layer as it is now; its beats are in ``store.layer_annotations``."""

    id: str
    database: str
    record: str
    fs: float  # Hz
    length: int  # samples in the recording
    name: str
    author: str
    created: float  # s since 1970
    origin: Origin
    version: int  # how many steps its history has: edits, and undos and redos of them
    edits: int  # how many of its edits are in force, as they were not taken back
    put_away: bool = False  # out of the lists

    @property
    def state(self) -> str:
        """Name of its state now: part of every cache key, see ``parse_state``."""
        return f"{self.id}@{self.version}"

    @property
    def annotator(self) -> str:
        """What stands for it where an annotator's name would; never a detector's name."""
        return f"layer {self.name}"


def parse_state(state: str) -> tuple[str, int]:
    """Return layer id and version of a state's name."""
    id, _, version = state.partition("@")
    return id, int(version)
