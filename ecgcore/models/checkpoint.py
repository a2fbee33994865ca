"""Checkpoints: a folder with ``weights.safetensors``, ``config.json`` and a card ``README.md``.

A folder is written beside its place and moved there whole; the one it replaces is kept aside
until then, and put back when a writer was killed in between. torch is imported only where
weights are touched, so that listing is fast.
"""

import contextlib
import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ecgcore.errors import CheckpointError
from ecgcore.models.meta import (
    WEIGHTS,
    CheckpointMeta,
    meta_from_bytes,
    meta_to_json,
    read_config,
    read_meta_file,
)
from ecgcore.settings import settings
from ecgcore.strict_json import to_json
from ecgcore.whole_file import sync_folder, write_whole

if TYPE_CHECKING:
    from ecgcore.models.network import Network

CONFIG: Final = "config.json"
CARD: Final = "README.md"
_ATTEMPTS: Final = 5
_MAX_CARD: Final = 1 << 20  # bytes; a card is a page or two
_PICKLED: Final = (".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".bin", ".joblib")


@dataclass(frozen=True, kw_only=True, eq=False)
class Checkpoint:
    """A trained network with everything that is known of it."""

    name: str
    network: "Network"  # in evaluation mode
    meta: CheckpointMeta
    card: str  # Markdown
    digest: str  # of weights and config: part of every cache key


def list_checkpoints() -> tuple[str, ...]:
    """Return the names of the checkpoint folders there are, broken ones too."""
    root = settings().checkpoint_dir
    if not root.is_dir():
        return ()
    for aside in root.glob(".*.old"):
        _settle(root / aside.name[1:-4])
    folders = (p for p in root.iterdir() if p.is_dir() and not p.name.startswith((".", "_")))
    return tuple(sorted(p.name for p in folders))


def read_meta(name: str) -> CheckpointMeta:
    """Return what a checkpoint says of itself. Raises CheckpointError when it can't be used.

    Read again when the file has changed; nobody may change what is returned.
    """
    path = checkpoint_folder(name) / CONFIG
    try:
        state = path.stat()
    except OSError:
        return read_meta_file(name, path)  # which says what is wrong
    return _read_meta(name, path, (state.st_mtime_ns, state.st_size, state.st_ino))


# A page asks for all of them at each run, and some hold their protocol's hundreds of recordings.
@lru_cache(maxsize=64)
def _read_meta(name: str, path: Path, state: tuple[int, int, int]) -> CheckpointMeta:  # noqa: ARG001
    return read_meta_file(name, path)


def read_card(name: str) -> str:
    """Return a checkpoint's card, Markdown; empty when it has none."""
    return _card(checkpoint_folder(name))


def _card(folder: Path) -> str:
    path = folder / CARD
    if not path.is_file():
        return ""
    try:
        with path.open("rb") as file:
            return file.read(_MAX_CARD).decode(errors="replace")
    except OSError as error:  # a card is to be read by people: the checkpoint works without it
        return f"The card can't be read ({error.strerror})."


def checkpoint_digest(name: str) -> str:
    """Return what changes when a checkpoint's weights or config do."""
    folder = checkpoint_folder(name)
    try:
        there = [folder / file for file in (CONFIG, WEIGHTS) if (folder / file).exists()]
        return _digest(*(path.read_bytes() for path in there))
    except OSError as error:
        raise CheckpointError(f"Checkpoint {name} can't be read: {error.strerror}.") from error


def load_checkpoint(name: str) -> Checkpoint:
    """Load a checkpoint for use.

    Raises CheckpointError, naming the checkpoint and what is wrong: not there, no safetensors
    (pickles are never opened), cut short, of another architecture or with other classes than its
    description, NaN weights, or from a newer version.
    """
    return load_folder(name, checkpoint_folder(name))


def load_folder(name: str, folder: Path) -> Checkpoint:
    """Load the checkpoint that lies in any folder; as ``load_checkpoint``."""
    import torch

    from ecgcore.models.registry import build_network
    from ecgcore.models.weights import load_weights, read_labels, read_weights

    # Each file is read once: what is hashed is what is used, also while another is put there.
    config = read_config(name, folder / CONFIG)
    meta = meta_from_bytes(name, config)
    weights = read_weights(name, _weights_path(name, folder))
    _agree(name, _labels(meta), read_labels(name, weights))
    with torch.device("meta"):  # the sizes may be anyone's: they cost nothing until they agree
        network = build_network(meta.architecture, meta.config)
    load_weights(name, weights, network)
    network.eval()
    network.requires_grad_(False)
    digest = _digest(config, weights)
    card = _card(folder)
    return Checkpoint(name=name, network=network, meta=meta, card=card, digest=digest)


def save_checkpoint(folder: Path, network: "Network", meta: CheckpointMeta, card: str) -> None:
    """Write a checkpoint's folder, whole or not at all. Raises CheckpointError when it can't be.

    A killed writer leaves the old checkpoint (or none) as it was.
    """
    from ecgcore.models.weights import weights_to_bytes

    config = to_json(meta_to_json(meta), indent=2) + "\n"
    contents = {
        WEIGHTS: weights_to_bytes(network, _labels(meta)),
        CONFIG: config.encode(),
        CARD: card.encode(),
    }
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _settle(folder)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.new-", dir=folder.parent))
        try:
            for file, content in contents.items():
                write_whole(fresh / file, content)
            fresh.chmod(0o755)
            _replace(folder, fresh)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
    except OSError as error:
        raise CheckpointError(
            f"The checkpoint {folder.name} could not be saved in {folder.parent}: "
            f"{error.strerror or error}; nothing was changed."
        ) from error


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def checkpoint_folder(name: str) -> Path:
    """Return a checkpoint's folder. Raises CheckpointError, naming those there are, for no name."""
    root = settings().checkpoint_dir
    if name not in list_checkpoints():  # also refuses any name that leads out of the folder
        raise CheckpointError(
            f"There is no checkpoint {name!r} in {root}; "
            f"there are: {', '.join(list_checkpoints()) or 'none'}."
        )
    return root / name


def _weights_path(name: str, folder: Path) -> Path:
    path = folder / WEIGHTS
    if path.is_file():
        return path
    pickles = sorted(p.name for p in folder.iterdir() if p.suffix in _PICKLED)
    if pickles:
        raise CheckpointError(
            f"Checkpoint {name} holds {', '.join(pickles)}, which was not opened: BeatLens reads "
            "safetensors only, because a pickle runs whatever its writer wished."
        )
    raise CheckpointError(f"Checkpoint {name} has no {WEIGHTS}; train it again or restore it.")


def _labels(meta: CheckpointMeta) -> dict[str, str]:
    """Return what the weights file repeats of the description, so that the two can't be mixed."""
    return {"architecture": meta.architecture, "classes": " ".join(meta.classes)}


def _agree(name: str, described: dict[str, str], labelled: dict[str, str]) -> None:
    for key, wanted in described.items():
        given = labelled.get(key, "not named")
        if given != wanted:
            raise CheckpointError(
                f"Checkpoint {name}: config.json describes the {key} {wanted!r}, but its weights "
                f"are of the {key} {given!r}; put the two files that belong together there."
            )


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _replace(folder: Path, fresh: Path) -> None:
    aside = _aside(folder)
    for attempt in range(_ATTEMPTS):
        if folder.exists():
            shutil.rmtree(aside, ignore_errors=True)
            folder.rename(aside)
        try:
            fresh.rename(folder)
            break
        except OSError:
            _settle(folder)  # or a reader did, between the two renames: then once more
            if attempt == _ATTEMPTS - 1:
                raise
    sync_folder(folder.parent)
    shutil.rmtree(aside, ignore_errors=True)


def _settle(folder: Path) -> None:
    """Put back the old checkpoint of a writer that was killed between the two renames."""
    aside = _aside(folder)
    if aside.is_dir() and not folder.exists():
        # Two who look at the same moment both try; a folder that may not be written stays so.
        with contextlib.suppress(OSError):
            aside.rename(folder)
