"""``make screenshots``: a picture of every page, on real recordings where there are any.

``python -m tests.browser.screenshots FOLDER [PICTURE …] [--dark] [--width PX] [--scale 2]``

The first pictures of a set classify its recordings, which is kept: what one run was too slow for,
the next one has. A picture that fails is named at the end and stops no other.
"""

import argparse
import shutil
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser, Error

from ecgcore.batch.config import BatchConfig
from ecgcore.jobs import store
from ecgcore.jobs.batches import submit_batch
from ecgcore.jobs.engine import jobs_database
from ecgcore.jobs.starting import ensure_worker
from ecgcore.records.catalog import databases
from tests.browser.serve import browser, serve, settled

RECORD = {"mitdb": "db=mitdb&rec=208", "demo": "db=demo&rec=demo03"}
UNSEEN = "db=mitdb&rec=213"  # a recording that did not train the network, with every class
PAGES = {
    "home": "",
    "data": "",
    "signal": "t=95",
    "detectors": "db=mitdb&rec=203&t=90",
    "beats": "",
    "hrv": "db=nsrdb&rec=16265",
    "spectrogram": "t=95",
    "train": "",
    "models": "ckpt=resunet-b2",
    "batch": "",
    "results": "",
    "explain": "ckpt=resunet-b2&beat=255",
    "compare": "ckpt=resunet-b2&set=DS2&where=rec%3A213%3Btrue%3AF%3Bpred%3AV&beat=1923",
    "compare-groups": "ckpt=resunet-b2&set=DS2&by=groups",
    "compare-map": "ckpt=resunet-b2&set=DS2&by=map&where=wrong",
    "compare-labels": "ckpt=resunet-b2&set=DS2&by=suspects",
    "compare-people": "db=nsrdb&rec=18184&ckpt=identity-nsrdb&set=all",
    "guide": "method=integrated-gradients",
}


HEIGHTS = {
    "data": 750,  # above the name of this machine's folder
    "train": 1150,
    "batch": 1250,
    "compare": 2300,
    "compare-people": 2600,
    "compare-labels": 1000,
}  # px; else 900
PATIENCE = 1800.0  # s: a set of 22 recordings on a machine that does other things beside it


def analysed() -> str:
    """Return the job of a finished batch: of the recordings that did not train the network."""
    real = "mitdb" in databases()
    config = BatchConfig(
        database="mitdb" if real else "demo",
        records="DS2" if real else "all",
        checkpoint="resunet-b2",
    )
    jobs = jobs_database()
    job = submit_batch(jobs, config)
    while not job.ended:
        ensure_worker(jobs)
        time.sleep(1.0)
        job = store.get(jobs, job.id)
    return job.id


def take(
    folder: Path,
    names: list[str],
    *,
    dark: bool,
    width: int,
    height: int = 900,
    scale: float = 1,
    patience: float = PATIENCE,
) -> list[str]:
    """Write one PNG a name into ``folder``; return the names of which none could be made.

    ``scale`` pixels a pixel of the page, for print; ``patience``, s, for each.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("Chromium is not installed (Debian: apt-get install chromium)")
    folder.mkdir(parents=True, exist_ok=True)
    record = RECORD["mitdb" if "mitdb" in databases() else "demo"]
    failed = []
    with serve() as address, browser(Path(chromium)) as chrome:
        for name in names:
            place = name.partition("-")[0]  # one page may have several pictures
            unseen = place in ("explain", "compare") and "mitdb" in record
            own = "" if "db=" in PAGES[name] else UNSEEN if unseen else record
            what = f"batch={analysed()}" if name == "batch" else PAGES[name]
            query = "&".join(part for part in (own, what) if part)
            ending = f"{'-dark' if dark else ''}{'' if width == 1280 else f'-{width}'}.png"
            begun = time.monotonic()
            try:
                _picture(
                    chrome,
                    f"{address}/{'' if name == 'home' else place}?{query}",
                    folder / f"{name}{ending}",
                    size=(width, HEIGHTS.get(name, height)),
                    dark=dark,
                    scale=scale,
                    patience=patience,
                )
            except (Error, AssertionError) as error:
                failed.append(name)
                print(f"{name}: {str(error).splitlines()[0]}", file=sys.stderr, flush=True)
            else:
                print(f"{folder / name}{ending}  {time.monotonic() - begun:.0f} s", flush=True)
    return failed


def _picture(
    chrome: Browser,
    address: str,
    path: Path,
    *,
    size: tuple[int, int],
    dark: bool,
    scale: float,
    patience: float,
) -> None:
    page = chrome.new_page(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        device_scale_factor=scale,
        reduced_motion="reduce",
    )
    try:
        page.set_default_timeout(1000 * patience)  # of loading and drawing too, 30 s else
        page.goto(address)
        settled(page, timeout=1000 * patience)
        page.wait_for_timeout(700)
        page.screenshot(path=path)
    finally:
        page.close()


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("pictures", nargs="*", metavar="picture", help=", ".join(PAGES))
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=900)
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--patience", type=float, default=PATIENCE, help="s, for each picture")
    args = parser.parse_args()
    if unknown := [name for name in args.pictures if name not in PAGES]:
        parser.error(f"no such picture: {', '.join(unknown)}; there are: {', '.join(PAGES)}")
    failed = take(
        args.folder,
        args.pictures or list(PAGES),
        dark=args.dark,
        width=args.width,
        height=args.height,
        scale=args.scale,
        patience=args.patience,
    )
    if failed:
        raise SystemExit(f"Not made: {', '.join(failed)}. The same command with these names again.")


if __name__ == "__main__":
    main()
