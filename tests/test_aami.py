import numpy as np

from ecgcore.aami import AAMI_CLASSES, SYMBOL_CLASS, aami_classes


def test_each_symbol_of_the_protocol_has_its_class():
    expected = {"N": "NLRej", "S": "AaJS", "V": "VE", "F": "F", "Q": "/fQ"}
    for aami, symbols in expected.items():
        assert {SYMBOL_CLASS[s] for s in symbols} == {aami}


def test_marks_that_are_no_beats_have_no_class():
    marks = np.array(list('+~|![]x"()ptus=^'))
    assert set(aami_classes(marks)) == {""}


def test_shape_order_and_emptiness():
    assert aami_classes(np.array(["V", "+", "A", "V"])).tolist() == ["V", "", "S", "V"]
    assert aami_classes(np.empty(0, dtype="<U1")).shape == (0,)
    assert set(SYMBOL_CLASS.values()) == set(AAMI_CLASSES)
