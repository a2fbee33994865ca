"""One query's attention over a sequence, and why the sequence must not be pooled before."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.models.attention import CrossAttention, sinusoidal_positions


def _attention(seed: int = 1, heads: int = 2) -> CrossAttention:
    torch.manual_seed(seed)
    return CrossAttention(8, heads, dropout=0.0).eval()


def test_the_weights_told_are_those_that_are_used():
    attention = _attention()
    query, tokens = torch.randn(3, 8), torch.randn(3, 5, 8)
    with torch.no_grad():
        weight = attention.weights(query, tokens)  # (3, 2, 5)
        value = attention.to_value(tokens).view(3, 5, 2, 4)
        wanted = attention.out(torch.einsum("bht,bthd->bhd", weight, value).reshape(3, 8))
        torch.testing.assert_close(attention(query, tokens), wanted)


@given(st.integers(0, 1000), st.sampled_from([1, 2, 4]))
def test_a_pooled_vector_can_not_answer_the_query(seed, heads):
    """Why tokens are attended to before pooling, where the study's code pools first.

    Over one key the softmax is 1 whatever the score: what comes out is the same for every query
    and carries no gradient to it, so the RR intervals would have no say.
    """
    attention = _attention(seed, heads)
    pooled = torch.randn(6, 5, 8).mean(dim=1, keepdim=True)  # (B, 1, d): one key
    query = torch.randn(6, 8, requires_grad=True)
    weight = attention.weights(query, pooled)
    torch.testing.assert_close(weight, torch.ones(6, heads, 1), rtol=0, atol=0)
    found = attention(query, pooled)
    torch.testing.assert_close(found, attention(100 * query + 1, pooled), rtol=0, atol=0)
    (gradient,) = torch.autograd.grad(found.sum(), query)
    assert not gradient.any()


@given(st.integers(0, 1000))
def test_a_sequence_does_answer_the_query(seed):
    attention = _attention(seed)
    tokens = torch.randn(6, 5, 8)
    query = torch.randn(6, 8, requires_grad=True)
    found = attention(query, tokens)
    assert not torch.allclose(found, attention(query + 1, tokens), atol=1e-6)
    (gradient,) = torch.autograd.grad(found.square().sum(), query)
    assert (gradient.abs().amax(dim=1) > 0).all()


def test_a_query_can_ask_for_a_place():
    """Equal tokens at different places get different weights: keys carry their position."""
    with torch.no_grad():
        weight = _attention().weights(torch.randn(2, 8), torch.randn(2, 1, 8).expand(2, 9, 8))
    assert weight.std(dim=-1).min() > 1e-4


def test_positions_tell_places_apart():
    table = sinusoidal_positions(64, 9)
    distance = torch.cdist(table, table) + torch.eye(64)
    assert table.shape == (64, 9)
    assert distance.min() > 1e-2
