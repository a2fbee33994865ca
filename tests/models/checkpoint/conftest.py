"""A folder of checkpoints with one saved in it."""

from pathlib import Path

import pytest

from ecgcore.models.checkpoint import (
    save_checkpoint,
)
from tests.models.checkpoint.made import made


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def saved(root: Path) -> Path:
    save_checkpoint(root / "one", *made(), "# Card ✓")
    return root / "one"
