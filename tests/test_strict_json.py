import json

from hypothesis import given
from hypothesis import strategies as st

from ecgcore.strict_json import readable_json

plain = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, width=32)
documents = st.recursive(
    plain, lambda one: st.lists(one) | st.dictionaries(st.text(), one), max_leaves=12
)


@given(documents.filter(lambda one: "inf" not in repr(one)))
def test_a_readable_document_says_the_same(document):
    text = readable_json(document)
    assert json.loads(text) == document
    assert text.endswith("\n")


def test_a_curve_takes_one_line_and_an_entry_several():
    text = readable_json({"curve": [0.5, float("nan"), 1], "more": [{"a": 1}], "said": "[\n x\n]"})
    assert text.splitlines()[1] == ' "curve": [0.5, null, 1],'
    assert len(text.splitlines()) == 9
