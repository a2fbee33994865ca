"""The whole line in Chromium, as a person walks it: real mitdb/208, and the demo database."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from ecgcore.explain.registry import EXPLAINERS
from ecgcore.records.database import Database
from tests.browser.serve import new_page, serve, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

# Where a point of a Plotly figure stands on the screen.
POSITION = """([key, x, y]) => {
    const plot = document.querySelector(`.st-key-${key} .js-plotly-plot`);
    const {xaxis, yaxis} = plot._fullLayout, box = plot.getBoundingClientRect();
    return [box.x + xaxis._offset + xaxis.d2p(x), box.y + yaxis._offset + yaxis.d2p(y)];
}"""


def plot(page: Page, key: str) -> Locator:
    """Return a figure; while a page is drawn anew, the old one may stand beside it."""
    return page.locator(f".st-key-{key} .js-plotly-plot").last


def click_in(page: Page, key: str, x: float, y: float) -> None:
    """Click a figure at data coordinates."""
    plot(page, key).scroll_into_view_if_needed()
    page.mouse.move(*page.evaluate(POSITION, [key, x, y]))
    page.wait_for_timeout(150)
    page.mouse.click(*page.evaluate(POSITION, [key, x, y]))


def click_an_error(page: Page) -> tuple[str, str]:
    """Click the first wrong cell of the confusion matrix that has right beats beside it.

    Returns its true and its predicted class; which cell that is, is the network's affair.
    """
    cells = page.evaluate("""() => {
        const plot = document.querySelector('.st-key-matrix .js-plotly-plot');
        const marks = plot._fullData.find(trace => trace.customdata);
        const at = i => [+marks.x[i], +marks.y[i]];
        return Array.from(marks.customdata, (cell, i) => [cell[0], cell[1], ...at(i)]);
    }""")
    right = {truth for truth, label, *_ in cells if truth == label}
    truth, label, x, y = next(
        cell for cell in cells if cell[0] != cell[1] and {cell[0], cell[1]} <= right
    )
    click_in(page, "matrix", x, y)
    return truth, label


def choose(page: Page, label: str, option: str) -> None:
    """Choose in a select box by typing, as a person does."""
    box = page.get_by_role("combobox", name=label, exact=True)
    box.click()
    if box.is_editable():
        box.fill(option)
    page.get_by_role("option", name=option).first.click()


def press(page: Page, key: str) -> None:
    """Press a key once the box in which something was just chosen has let go of the keyboard."""
    page.wait_for_function("document.activeElement.tagName !== 'INPUT'")
    page.keyboard.press(key)


def go(page: Page, title: str) -> None:
    page.get_by_role("link", name=title, exact=True).first.click()
    expect(page.locator(".bl-title h1")).to_have_text(title)
    settled(page)


def test_on_a_real_recording(chrome: Browser, mitdb: Database, tmp_path) -> None:
    with serve(ECG_HOME=str(tmp_path), ECG_DATA_DIR=str(mitdb.root.parent)) as address:
        page = new_page(chrome)
        page.goto(address)
        settled(page)
        choose(page, "Database", "mitdb")
        choose(page, "Record", "208")
        expect(page.get_by_test_id("strip")).to_contain_text("mitdb / 208")

        go(page, "Signal")
        expect(page.get_by_test_id("strip")).to_contain_text(re.compile(r"V\W*992"))
        page.get_by_role("button", name=re.compile("^Forward")).click()
        expect(page).to_have_url(re.compile(r"t=10(&|$)"))
        page.keyboard.press("ArrowRight")
        expect(page).to_have_url(re.compile(r"t=20(&|$)"))
        choose(page, "Jump to", "V: ventricular")
        before = page.url
        press(page, "n")
        expect(page).not_to_have_url(before)
        settled(page)
        expect(plot(page, "signal_figure")).to_contain_text("V")

        go(page, "Models")
        page.get_by_role("radio", name="resunet-b2", exact=True).click()
        expect(page).to_have_url(re.compile("ckpt=resunet-b2"))
        expect(page.get_by_text("inter-patient").first).to_be_visible()

        go(page, "Explain")
        choose(page, "Step through", "true V")
        press(page, "n")
        expect(page).to_have_url(re.compile(r"beat=\d+"))
        settled(page)
        expect(page.get_by_text(re.compile("annotated V"))).to_be_visible()
        figure = plot(page, "saliency")
        expect(figure).to_contain_text("time from the R-peak (s)")
        shown = re.search("method=([^&]+)", page.url)  # the recommended one stands in the address
        assert shown is not None
        expect(figure).to_contain_text(EXPLAINERS[shown[1]].title.split()[0])

        go(page, "Compare")
        truth, label = click_an_error(page)
        cell = re.compile(f"true {truth}, predicted {label}:")
        expect(page.get_by_role("combobox", name="Cell")).to_have_value(cell)
        settled(page)
        triptych = plot(page, "triptych")
        expect(triptych).to_contain_text(f"true {truth}, predicted {label}")
        titles = triptych.locator(".annotation-text").all_text_contents()
        assert sum("Nearest right" in title for title in titles) == 2, titles

        # The address holds all of it: another browser sees the same beat.
        other = new_page(chrome)
        other.goto(page.url)
        settled(other)
        expect(other.get_by_role("combobox", name="Cell")).to_have_value(cell)
        other.close()
        page.get_by_role("button", name="Explain this beat").click()
        expect(page.locator(".bl-title h1")).to_have_text("Explain")
        settled(page)
        expect(
            page.get_by_text(re.compile(f"annotated {truth}, predicted {label}"))
        ).to_be_visible()


def test_on_the_demo_database(chrome: Browser, tmp_path) -> None:
    with serve(ECG_HOME=str(tmp_path / "home"), ECG_DATA_DIR=str(tmp_path / "none")) as address:
        page = new_page(chrome)
        page.goto(address)
        settled(page)
        expect(page.get_by_text("Synthetic demo data")).to_be_visible()
        for title in ("Data", "Signal", "Beats & RR", "Spectrogram", "Models", "Explain"):
            go(page, title)
            expect(page.get_by_text("Synthetic demo data").first).to_be_visible()
        expect(plot(page, "saliency")).to_be_visible()
        go(page, "Compare")
        expect(plot(page, "triptych")).to_contain_text("Nearest right")
        # Back goes to the page before in one step: what a page adds to its address is no step.
        page.go_back()
        expect(page.locator(".bl-title h1")).to_have_text("Explain")
        settled(page)
