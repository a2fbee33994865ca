"""The whole line in Chromium, as a person walks it: real mitdb/208, and the demo database."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from ecgcore.records.catalog import Database
from tests.browser.serve import serve, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

# Where a point of a Plotly figure stands on the screen.
POSITION = """([key, x, y]) => {
    const plot = document.querySelector(`.st-key-${key} .js-plotly-plot`);
    const {xaxis, yaxis} = plot._fullLayout, box = plot.getBoundingClientRect();
    return [box.x + xaxis._offset + xaxis.d2p(x), box.y + yaxis._offset + yaxis.d2p(y)];
}"""


def click_in(page: Page, key: str, x: float, y: float) -> None:
    """Click a figure at data coordinates."""
    page.locator(f".st-key-{key} .js-plotly-plot").scroll_into_view_if_needed()
    page.mouse.move(*page.evaluate(POSITION, [key, x, y]))
    page.wait_for_timeout(150)
    page.mouse.click(*page.evaluate(POSITION, [key, x, y]))


def choose(page: Page, label: str, option: str) -> None:
    """Choose in a select box by typing, as a person does."""
    box = page.get_by_role("combobox", name=label, exact=True)
    box.click()
    box.fill(option)
    page.get_by_role("option", name=option).first.click()


def go(page: Page, title: str) -> None:
    page.get_by_role("link", name=title, exact=True).first.click()
    expect(page.locator(".bl-title h1")).to_have_text(title)
    settled(page, timeout=180_000)


def test_on_a_real_recording(chrome: Browser, mitdb: Database, tmp_path) -> None:
    with serve(ECG_HOME=str(tmp_path), ECG_DATA_DIR=str(mitdb.root.parent)) as address:
        page = chrome.new_page(viewport={"width": 1280, "height": 900})
        page.goto(address)
        settled(page, timeout=120_000)
        choose(page, "Database", "mitdb")
        choose(page, "Record", "208")
        expect(page.get_by_test_id("strip")).to_contain_text("mitdb / 208")

        go(page, "Signal")
        expect(page.get_by_test_id("strip")).to_contain_text(re.compile(r"V\W*992"))
        page.get_by_role("button", name=re.compile("^On")).click()
        expect(page).to_have_url(re.compile(r"t=10(&|$)"), timeout=20_000)
        page.keyboard.press("ArrowRight")
        expect(page).to_have_url(re.compile(r"t=20(&|$)"), timeout=20_000)
        choose(page, "Jump to", "V: ventricular")
        page.get_by_role("button", name=re.compile("^Next")).click()
        settled(page)
        expect(page.locator(".st-key-signal_figure .js-plotly-plot")).to_contain_text("V")

        go(page, "Models")
        page.get_by_role("radio", name="resunet-b2").click()
        expect(page).to_have_url(re.compile("ckpt=resunet-b2"), timeout=20_000)
        expect(page.get_by_text("inter-patient").first).to_be_visible()

        go(page, "Explain")
        choose(page, "Step through", "true V")
        page.get_by_role("button", name=re.compile("^Next")).click()
        expect(page).to_have_url(re.compile(r"beat=\d+"), timeout=20_000)
        settled(page)
        expect(page.get_by_text(re.compile("annotated V"))).to_be_visible()
        figure = page.locator(".st-key-saliency .js-plotly-plot")
        expect(figure).to_contain_text("time from the R-peak (s)")
        expect(figure).to_contain_text("Grad-CAM")

        go(page, "Compare")
        expect(page.locator(".st-key-matrix .js-plotly-plot")).to_be_visible()
        matrix = page.locator(".st-key-pick_cell")
        click_in(page, "matrix", 3, 2)  # predicted F, true V
        expect(matrix).to_contain_text("true V, predicted F", timeout=20_000)
        settled(page)
        triptych = page.locator(".st-key-triptych .js-plotly-plot")
        expect(triptych).to_contain_text("true V, predicted F")
        titles = triptych.locator(".annotation-text, .annotation").all_text_contents()
        assert sum("Nearest right" in title for title in titles) >= 2, titles

        # The address holds all of it: another browser sees the same beat.
        other = chrome.new_page(viewport={"width": 1280, "height": 900})
        other.goto(page.url)
        settled(other, timeout=120_000)
        expect(other.locator(".st-key-pick_cell")).to_contain_text("true V, predicted F")
        page.get_by_role("button", name="Explain this beat").click()
        expect(page.locator(".bl-title h1")).to_have_text("Explain")
        settled(page)
        expect(page.get_by_text(re.compile("annotated V, predicted F"))).to_be_visible()


def test_on_the_demo_database(chrome: Browser, tmp_path) -> None:
    with serve(ECG_HOME=str(tmp_path / "home"), ECG_DATA_DIR=str(tmp_path / "none")) as address:
        page = chrome.new_page(viewport={"width": 1280, "height": 900})
        page.goto(address)
        settled(page, timeout=120_000)
        expect(page.get_by_text("Synthetic demo data")).to_be_visible()
        for title in ("Data", "Signal", "Beats & RR", "Spectrogram", "Models", "Explain"):
            go(page, title)
            expect(page.get_by_text("Synthetic demo data").first).to_be_visible()
        expect(page.locator(".st-key-saliency .js-plotly-plot")).to_be_visible()
        go(page, "Compare")
        expect(page.locator(".st-key-triptych .js-plotly-plot")).to_contain_text("Nearest right")
        page.go_back()
        settled(page)
        expect(page.locator(".bl-title h1")).to_have_text("Explain")
