"""Fitted clusters on disk: fitted once for a checkpoint, read ever after.

One file for each state of a checkpoint, of the recordings fitted on, and number asked for, under
``settings().home``; and at most one that travels with a checkpoint, in its folder, which is taken
wherever it fits the checkpoint's weights. NumPy's npz without pickles, written whole.
"""

import hashlib
import io
import json
import logging
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from ecgcore.clusters.fit import fit_clusters
from ecgcore.clusters.mixture import KINDS, Kind, Mixture
from ecgcore.clusters.model import ClusterModel
from ecgcore.clusters.sample import Progress
from ecgcore.clusters.space import Space
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.records.database import Database
from ecgcore.records.reader import read_header
from ecgcore.settings import settings
from ecgcore.strict_json import to_json
from ecgcore.whole_file import write_whole

# Raise it with every change of what is stored or of how it is computed.
VERSION: Final = 2
SHIPPED: Final = "clusters.npz"
MAX_BYTES: Final = 8 << 20  # a file has some tens of kilobytes

_UNREADABLE: Final = (
    *(OSError, ValueError, KeyError, TypeError, EOFError),
    *(zipfile.BadZipFile, zlib.error),
)

_log = logging.getLogger(__name__)


def stored_clusters(
    checkpoint: Checkpoint, database: Database, records: Sequence[str], count: int | None = None
) -> ClusterModel | None:
    """Return clusters that were fitted before, None where there are none (or none readable).

    The file that travels with the checkpoint comes first; ``count`` None takes its number.
    """
    shipped = read_clusters(shipped_path(checkpoint.name), checkpoint.digest)
    if shipped is not None and count in (None, shipped.count):
        return shipped
    return read_clusters(_path(checkpoint, database, records, count), checkpoint.digest)


def fitted_clusters(
    checkpoint: Checkpoint,
    database: Database,
    records: Sequence[str],
    count: int | None = None,
    progress: Progress | None = None,
) -> ClusterModel:
    """Return stored clusters, else fit and store them. Raises as ``fit_clusters``.

    Of another number they are of the kind that travels with the checkpoint, if one does.
    """
    found = stored_clusters(checkpoint, database, records, count)
    if found is not None:
        return found
    kind = _shipped_kind(checkpoint) if count is not None else None
    found = fit_clusters(checkpoint, database, records, count=count, kind=kind, progress=progress)
    path = _path(checkpoint, database, records, count)
    try:
        write_clusters(path, found, checkpoint.digest)
    except OSError as error:  # a full or read-only disk: fitted again next time, nothing worse
        _log.warning("clusters could not be stored in %s (%s)", path.parent, error)
    return found


def _shipped_kind(checkpoint: Checkpoint) -> Kind:
    shipped = read_clusters(shipped_path(checkpoint.name), checkpoint.digest)
    told = KINDS[0] if shipped is None else shipped.about.get("kind", KINDS[0])
    return next((kind for kind in KINDS if kind == told), KINDS[0])


def shipped_path(checkpoint: str) -> Path:
    """Return where the clusters that travel with a checkpoint are."""
    return settings().checkpoint_dir / checkpoint / SHIPPED


def write_clusters(path: Path, model: ClusterModel, digest: str) -> None:
    """Write clusters, whole or not at all; ``digest`` is the checkpoint's. Raises OSError."""
    about = {
        "version": VERSION,
        "digest": digest,
        "after": model.after,
        "before": model.before,
        "explained": model.space.explained,
        "about": model.about,
    }
    arrays: dict[str, Any] = {
        "weight": model.mixture.weight,
        "mean": model.mixture.mean,
        "whitening": model.mixture.whitening,
        "ordinary": model.ordinary,
        **{f"block_mean_{k}": part for k, part in enumerate(model.space.mean)},
        **{f"block_axes_{k}": part for k, part in enumerate(model.space.axes)},
    }
    content = io.BytesIO()
    np.savez_compressed(content, about=to_json(about), **arrays)
    write_whole(path, content.getvalue())


def read_clusters(path: Path, digest: str) -> ClusterModel | None:
    """Return the clusters in a file; None where it is missing, broken or of another checkpoint."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return _unpack(arrays, digest)
    except FileNotFoundError:
        return None
    except _UNREADABLE as error:
        _log.warning("stored clusters %s can't be read (%s)", path, error)
        return None


def _unpack(arrays: dict[str, Any], digest: str) -> ClusterModel | None:
    about = json.loads(str(arrays["about"]))
    if about["version"] != VERSION or about["digest"] != digest:
        return None
    blocks = sum(name.startswith("block_mean_") for name in arrays)
    mixture = Mixture(**{name: arrays[name] for name in ("weight", "mean", "whitening")})
    space = Space(
        mean=tuple(arrays[f"block_mean_{k}"] for k in range(blocks)),
        axes=tuple(arrays[f"block_axes_{k}"] for k in range(blocks)),
        explained=about["explained"],
    )
    count, width = mixture.mean.shape
    if mixture.whitening.shape != (count, width, width) or len(about["after"]) != count:
        raise ValueError("its parts don't belong together")
    return ClusterModel(
        space=space,
        mixture=mixture,
        after=tuple(about["after"]),
        before=tuple(about["before"]),
        ordinary=arrays["ordinary"],
        about=about["about"],
    )


def _path(
    checkpoint: Checkpoint, database: Database, records: Sequence[str], count: int | None
) -> Path:
    data = [(name, read_header(database, name).digest) for name in records]
    kind = "chosen" if count is None else _shipped_kind(checkpoint)
    key = json.dumps([VERSION, database.name, data, count, kind])
    name = hashlib.sha256(key.encode()).hexdigest()[:24]
    return settings().home / "clusters" / checkpoint.digest / f"{name}.npz"
