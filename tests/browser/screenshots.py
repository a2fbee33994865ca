"""``make screenshots``: a picture of every page, on real recordings where there are any.

``python -m tests.browser.screenshots FOLDER [PAGE …] [--dark] [--width PX] [--scale 2]``
"""

import argparse
import shutil
import time
from pathlib import Path

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
    "train": 1150,
    "batch": 1250,
    "compare": 2150,
    "compare-people": 2150,
    "compare-labels": 1000,
}  # px; else 900


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
    folder: Path, names: list[str], *, dark: bool, width: int, height: int = 900, scale: float = 1
) -> None:
    """Write one PNG a page into ``folder``; ``scale`` pixels a pixel of the page, for print."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("Chromium is not installed (Debian: apt-get install chromium)")
    folder.mkdir(parents=True, exist_ok=True)
    record = RECORD["mitdb" if "mitdb" in databases() else "demo"]
    with serve() as address, browser(Path(chromium)) as chrome:
        page = chrome.new_page(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            device_scale_factor=scale,
        )
        for name in names:
            place = name.partition("-")[0]  # one page may have several pictures
            unseen = place in ("explain", "compare") and "mitdb" in record
            own = "" if "db=" in PAGES[name] else UNSEEN if unseen else record
            what = f"batch={analysed()}" if name == "batch" else PAGES[name]
            query = "&".join(part for part in (own, what) if part)
            page.set_viewport_size({"width": width, "height": HEIGHTS.get(name, height)})
            page.goto(f"{address}/{'' if name == 'home' else place}?{query}")
            settled(page, timeout=600_000)
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
    parser.add_argument("--scale", type=float, default=1)
    args = parser.parse_args()
    take(
        args.folder,
        args.pages or list(PAGES),
        dark=args.dark,
        width=args.width,
        height=args.height,
        scale=args.scale,
    )


if __name__ == "__main__":
    main()
