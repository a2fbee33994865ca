"""All text of a page can be read on what is behind it, on light and dark pages."""

import pytest
from playwright.sync_api import Browser

from ecgcore.plots.theme import READABLE
from ecgcore.ui import model_cache
from ecgcore.ui.checkpoint_order import listed
from tests.browser.serve import PATIENCE, new_page, serve, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

# Each text in sight with its contrast, opacities on the way up counted.
CONTRAST = """() => {
    const rgba = text => {
        const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
        return text.startsWith('color(srgb') ? [255 * r, 255 * g, 255 * b, a] : [r, g, b, a];
    };
    const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat([1]);
    const linear = v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const light = c => [0.2126, 0.7152, 0.0722]
        .reduce((sum, part, i) => sum + part * linear(c[i] / 255), 0);
    const found = [];
    const main = document.querySelector('[data-testid=stMain]');
    const texts = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode.textContent.trim(), own = texts.currentNode.parentElement;
        if (!text || own.tagName === 'STYLE' || !own.checkVisibility()) continue;
        const drawn = own.namespaceURI.endsWith('svg'), style = getComputedStyle(own);
        let ink = rgba(drawn ? style.fill : style.color);
        const behind = [];
        for (let up = own; up; up = up.parentElement) {
            ink[3] *= parseFloat(getComputedStyle(up).opacity);
            behind.unshift(rgba(getComputedStyle(up).backgroundColor));
        }
        const paper = behind.reduce((below, one) => over(one, below), [255, 255, 255, 1]);
        const [a, b] = [light(over(ink, paper)), light(paper)];
        found.push([text, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]);
    }
    return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_the_contrast_that_text_needs(chrome: Browser, tmp_path, scheme):
    with serve(ECG_DATA_DIR=str(tmp_path)) as address:
        page = chrome.new_page(color_scheme=scheme)
        page.set_default_timeout(PATIENCE)
        for path in ("?rec=demo03", "guide?topic=methods"):  # class letters, and a map
            page.goto(f"{address}/{path}")
            settled(page)
            found = page.evaluate(CONTRAST)
            assert len(found) > 20
            assert [one for one in found if one[1] < READABLE] == []
        page.close()


def test_the_longest_name_of_a_checkpoint_has_room_in_its_box(chrome: Browser, tmp_path):
    metas, _ = model_cache.metas()
    names = [listed(name, meta) for name, meta in metas.items()]
    with serve(ECG_DATA_DIR=str(tmp_path)) as address:
        page = new_page(chrome)
        page.goto(f"{address}/explain?ckpt=resunet-b2")
        settled(page)
        box = page.get_by_test_id("stSidebar").get_by_role("combobox", name="Checkpoint")
        short = box.evaluate(
            """(box, names) => {
                const style = getComputedStyle(box), pen = document.createElement('canvas');
                const text = pen.getContext('2d'), px = parseFloat;
                text.font = style.font;
                const room = box.clientWidth - px(style.paddingLeft) - px(style.paddingRight);
                return names.filter(name => text.measureText(name).width > room);
            }""",
            names,
        )
        page.close()
    assert names
    assert short == []
