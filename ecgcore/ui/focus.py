"""Keys that work again after a choice.

A select box keeps the keyboard's focus after something was chosen, a text box after Enter, a switch
after a click; and while an input has it Streamlit's shortcuts sleep: N and P would do nothing until
one clicks elsewhere.
"""

from typing import Final

import streamlit as st

# A block of its own: the scripts of a page share one scope.
_LET_GO: Final = """<script>/* {key} {turn} */ {{
const input = document.activeElement;
const boxes = ['stSelectbox', 'stTextInput', 'stCheckbox'];
if (input && input.closest(boxes.map(name => `[data-testid="${{name}}"]`).join())) input.blur();
}}</script>"""


def let_go_after(key: str) -> None:
    """Take the focus from the box or switch ``key`` once its value has changed."""
    value = st.session_state.get(key)
    last, turn = st.session_state.get(f"focus_{key}", (value, 0))
    if last != value:
        turn += 1
    st.session_state[f"focus_{key}"] = (value, turn)
    # The script runs when its text changes, so whose change it is, and the how many-th, is in it.
    if turn:
        st.html(_LET_GO.format(key=key, turn=turn), unsafe_allow_javascript=True)
