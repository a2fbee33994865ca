"""A link to any page works on a server that has shown no page yet (see docs/adr/0002)."""

import pytest
from playwright.sync_api import Browser, expect

from ecgcore.ui.pages import PAGES
from tests.browser.serve import new_page, serve, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.name)
def test_a_cold_deep_link_opens_its_page_inside_the_frame(chrome: Browser, entry, tmp_path):
    with serve(ECG_DATA_DIR=str(tmp_path)) as address:
        page = new_page(chrome)
        page.goto(f"{address}/{entry.name}?db=demo&rec=demo02")
        settled(page)
        expect(page.locator(".bl-title h1")).to_have_text(entry.title)
        record = page.get_by_test_id("stSidebar").get_by_role("combobox", name="Record")
        expect(record).to_have_value("demo02")
        expect(page.get_by_text("Synthetic demo data").first).to_be_visible()
        page.close()


def test_a_new_server_never_shows_a_menu_of_the_files_names(chrome: Browser, tmp_path):
    with serve(ECG_DATA_DIR=str(tmp_path)) as address:
        page = new_page(chrome)
        page.add_init_script(
            """window.menus = [];
            new MutationObserver(() => {
                for (const menu of document.querySelectorAll('[data-testid=stSidebarNav]'))
                    window.menus.push(menu.innerText);
            }).observe(document, {childList: true, subtree: true});"""
        )
        page.goto(address)
        settled(page)
        menus = page.evaluate("window.menus")
        page.close()
    assert menus == []


def test_a_page_asks_nothing_of_other_machines(chrome: Browser, tmp_path):
    asked: list[str] = []
    with serve(ECG_DATA_DIR=str(tmp_path)) as address:
        page = new_page(chrome)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}/signal")
        settled(page)
        page.close()
        elsewhere = [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    assert asked
    assert elsewhere == []
