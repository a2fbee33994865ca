"""Weights as safetensors: checked byte by byte before anything is built from them.

Pickle is never opened: a ``.pt`` or ``.pkl`` file runs whatever its writer wished. Only plain
tensors are read, and each must be one that the network has, of the same shape, and finite.
"""

import json
from pathlib import Path
from typing import Any, Final

from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from ecgcore.errors import CheckpointError
from ecgcore.models.meta import WEIGHTS
from ecgcore.models.network import Network

_LABELS: Final = "beatlens"
_MAX_HEADER: Final = 4 << 20
_MAX_BYTES: Final = 1 << 30
_PICKLES: Final = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK\x03\x04")


def weights_to_bytes(network: Network, labels: dict[str, str]) -> bytes:
    """Return the network's weights as safetensors, with ``labels`` in their header."""
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in _state(network).items()}
    # In one entry: safetensors writes several in a random order, and equal weights shall be
    # equal files.
    return save_tensors(state, metadata={_LABELS: json.dumps(labels, sort_keys=True)})


def read_weights(name: str, path: Path) -> bytes:
    """Return a weights file's bytes. Raises CheckpointError when too large or unreadable."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise _broken(name, f"it has more than {_MAX_BYTES >> 20} MB")
        return path.read_bytes()
    except OSError as error:
        raise _broken(name, f"it can't be read ({error.strerror})") from error


def read_labels(name: str, content: bytes) -> dict[str, str]:
    """Return what a weights file says of itself, having checked that the file is whole.

    Raises CheckpointError for a pickle, a header that is too large or no JSON, a file cut short,
    or bytes after the last tensor.
    """
    header = _header(name, content)
    try:
        labels = json.loads(header["__metadata__"][_LABELS])
        return {str(key): str(value) for key, value in labels.items()}
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise CheckpointError(
            f"Checkpoint {name}: {WEIGHTS} doesn't say what network it is of; it was not written "
            "by BeatLens. Train it again."
        ) from error


def load_weights(name: str, content: bytes, network: Network) -> None:
    """Fill ``network``, built on the meta device, from bytes that ``read_labels`` found whole.

    Raises CheckpointError when the tensors aren't the network's, or hold NaN or infinities.
    """
    try:
        found = load_tensors(content)
    except SafetensorError as error:
        raise _broken(name, f"it can't be read ({error})") from error
    state = _state(network)
    wanted = {key: tuple(tensor.shape) for key, tensor in state.items()}
    given = {key: tuple(tensor.shape) for key, tensor in found.items()}
    if wanted != given:
        different = sorted(k for k in wanted | given if wanted.get(k) != given.get(k))
        first = different[0]
        raise CheckpointError(
            f"Checkpoint {name}: {WEIGHTS} holds the weights of another network than "
            f"config.json describes: {len(different)} tensors differ, such as {first}, which is "
            f"{given.get(first, 'missing')} and must be {wanted.get(first, 'absent')}."
        )
    for key, tensor in found.items():
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise CheckpointError(
                f"Checkpoint {name}: the weights {key} in {WEIGHTS} are not all finite numbers; "
                "the training diverged or the file is damaged. Train it again."
            )
    # Assigned, as a network on the meta device has no numbers to copy into.
    network.load_state_dict({k: v.to(state[k].dtype) for k, v in found.items()}, assign=True)


def _state(network: Network) -> dict[str, Tensor]:
    return dict(network.state_dict())


def _header(name: str, content: bytes) -> dict[str, Any]:
    size, first = len(content), content[:8]
    if first.startswith(_PICKLES):
        raise CheckpointError(
            f"Checkpoint {name}: {WEIGHTS} is a pickle, not safetensors; it was not opened. "
            "BeatLens reads safetensors only."
        )
    length = int.from_bytes(first, "little")
    if len(first) < 8:
        raise _broken(name, "it is cut short")
    if length > _MAX_HEADER:
        raise _broken(name, f"its header claims {length} bytes")
    if length > size - 8:
        raise _broken(name, "it is cut short")
    try:
        header = json.loads(content[8 : 8 + length])
        tensors = [entry for key, entry in header.items() if key != "__metadata__"]
        stop = max((int(entry["data_offsets"][1]) for entry in tensors), default=0)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise _broken(name, "its header can't be read") from error
    if 8 + length + stop > size:
        raise _broken(name, f"it is cut short ({size} of {8 + length + stop} bytes)")
    if 8 + length + stop < size:
        raise _broken(name, f"{size - 8 - length - stop} bytes follow its last tensor")
    checked: dict[str, Any] = header
    return checked


def _broken(name: str, what: str) -> CheckpointError:
    return CheckpointError(
        f"Checkpoint {name}: {WEIGHTS} is not a whole safetensors file: {what}; restore it from "
        "where it came from, or train it again."
    )
