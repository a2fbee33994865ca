"""Pages without a browser: Streamlit's AppTest runs ``app.py`` and one page inside it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ecgcore.storage.engine import AppDatabase, app_database
from ecgcore.ui import cache
from tests.make_record import save_tiny_checkpoints

ROOT = Path(__file__).resolve().parents[2]
Open = Callable[..., AppTest]


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open a page by name, with the URL's parameters; fail on any exception."""
    cache.catalog.clear()  # the test before may have had another data folder

    def opened(name: str, *, whole: bool = True, **url: str) -> AppTest:
        app = AppTest.from_file(ROOT / "app.py", default_timeout=240)
        if name != "home":  # the navigation must know the pages before one is chosen
            app.run()
            app.switch_page(f"pages/{name}.py")
        for key, value in url.items():
            app.query_params[key] = value
        app.run()
        assert not app.exception, app.exception
        if whole:
            assert not any("Something went wrong" in box.value for box in app.error)
        return app

    return opened


@pytest.fixture
def tiny_demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No recordings but the demo database's, and tiny checkpoints."""
    monkeypatch.setenv("ECG_DATA_DIR", str(tmp_path / "empty"))
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))
    save_tiny_checkpoints(tmp_path / "checkpoints")


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppDatabase:
    """A database of the test's own: layers of one test are none of another's affair."""
    monkeypatch.setenv("ECG_DATABASE_URL", f"sqlite:///{tmp_path / 'app.sqlite3'}")
    return app_database()
