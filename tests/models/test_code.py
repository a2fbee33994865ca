"""When a network counts as another."""

import inspect

import pytest

from ecgcore.models.code import network_code


def test_the_network_s_code_counts_and_its_words_do_not(monkeypatch: pytest.MonkeyPatch):
    before = network_code("resunet-b2")
    assert before != network_code("macnn-se")
    source = inspect.getsource

    def changed(old: str, new: str):
        monkeypatch.setattr(inspect, "getsource", lambda module: source(module).replace(old, new))

    changed('"""Sizes of the backbone."""', '"""Other words."""  # and a remark')
    assert network_code("resunet-b2") == before
    changed("nn.LeakyReLU(0.1", "nn.LeakyReLU(0.2")
    assert network_code("resunet-b2") != before
