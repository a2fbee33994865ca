"""``make screenshots``: a picture of every page, on real recordings where there are any.

``python -m tests.browser.screenshots FOLDER [PAGE …] [--dark] [--width PX]``
"""

import argparse
import shutil
from pathlib import Path

from ecgcore.records.catalog import databases
from tests.browser.serve import browser, serve, settled

RECORD = {"mitdb": "db=mitdb&rec=208", "demo": "db=demo&rec=demo03"}
UNSEEN = "db=mitdb&rec=213"  # a recording that did not train the network, with every class
PAGES = {
    "home": "",
    "data": "",
    "signal": "t=95",
    "beats": "",
    "hrv": "",
    "spectrogram": "t=95",
    "train": "",
    "models": "ckpt=resunet-b2",
    "batch": "",
    "results": "",
    "explain": "ckpt=resunet-b2&beat=100",
    "compare": "ckpt=resunet-b2",
}


def take(folder: Path, names: list[str], *, dark: bool, width: int, height: int = 900) -> None:
    """Write one PNG a page into ``folder``."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("Chromium is not installed (Debian: apt-get install chromium)")
    folder.mkdir(parents=True, exist_ok=True)
    record = RECORD["mitdb" if "mitdb" in databases() else "demo"]
    with serve() as address, browser(Path(chromium)) as chrome:
        page = chrome.new_page(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
        )
        for name in names:
            unseen = name in ("explain", "compare") and "mitdb" in record
            query = "&".join(part for part in (UNSEEN if unseen else record, PAGES[name]) if part)
            page.goto(f"{address}/{'' if name == 'home' else name}?{query}")
            settled(page, timeout=180_000)
            page.wait_for_timeout(700)
            path = (
                folder
                / f"{name}{'-dark' if dark else ''}{'' if width == 1280 else f'-{width}'}.png"
            )
            page.screenshot(path=path)
            print(path)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("pages", nargs="*", default=list(PAGES))
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=900)
    args = parser.parse_args()
    take(
        args.folder,
        args.pages or list(PAGES),
        dark=args.dark,
        width=args.width,
        height=args.height,
    )


if __name__ == "__main__":
    main()
