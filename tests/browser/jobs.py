"""Jobs in the browser: their pages go on drawing while a job is at work."""

import re

from playwright.sync_api import Page, expect


def shown(page: Page) -> None:
    """Wait until a job's page is there; a running one's bar never goes."""
    page.wait_for_selector(".bl-title")
    expect(page.get_by_role("button", name=re.compile("Cancel|Resume"))).to_be_visible()
    expect(page.get_by_text("Something went wrong here")).to_have_count(0)
