"""One step back for one thing done: what a page adds to its own address is no step.

Streamlit (seen on 1.67) makes an entry in the browser's history of every change of the address:
one when a page is opened and another when that page has written what it shows into the address,
so the back button seemed dead at its first press. An address that changes on the same page,
with no key or button pressed since the entry before, takes that entry's place instead.
"""

from typing import Final

import streamlit as st

_SCRIPT: Final = """<script>
if (!window.oneStepBack) {
  window.oneStepBack = true;
  let touched = false;
  for (const kind of ['pointerdown', 'keydown'])
    window.addEventListener(kind, () => { touched = true; }, true);
  const push = history.pushState.bind(history);
  history.pushState = (state, title, address) => {
    const there = new URL(address ?? location.href, location.href);
    if (touched || there.pathname !== location.pathname) push(state, title, address);
    else history.replaceState(state, title, address);
    touched = false;
  };
}
</script>"""


def one_step_back() -> None:
    """See to it in the browser; once a page load is enough, more do no harm."""
    st.html(_SCRIPT, unsafe_allow_javascript=True)
