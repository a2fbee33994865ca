"""One Chromium for all browser tests of a worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.serve import browser


@pytest.fixture(scope="session")
def chrome(chromium: Path) -> Iterator[Browser]:
    with browser(chromium) as started:
        yield started
