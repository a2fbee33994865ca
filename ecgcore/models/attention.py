"""Attention of one query over a beat's feature sequence.

Source: Vaswani et al. 2017, "Attention is all you need", section 3.2, with a single query as in
the ECG–RR fusion study. Departure, ours: keys carry a fixed sinusoidal position, so that a query
can ask for a place (the P wave, the T wave) and not only for a shape; values carry none.

The sequence must hold several tokens: softmax over the one score of a pooled vector is 1 whatever
the query says.
"""

import math

import torch
from torch import Tensor, nn


def sinusoidal_positions(length: int, width: int) -> Tensor:
    """Return the sinusoids of Vaswani et al. 2017, section 3.5: (length, width)."""
    place = torch.arange(length, dtype=torch.float32).unsqueeze(1)
    rate = torch.exp(torch.arange(0, width, 2, dtype=torch.float32) * (-math.log(1e4) / width))
    table = torch.zeros(length, width)
    table[:, 0::2] = torch.sin(place * rate)
    table[:, 1::2] = torch.cos(place * rate[: width // 2])
    return table


class CrossAttention(nn.Module):
    """Multi-head attention of one query over a sequence, with its weights obtainable."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"{heads} heads do not divide a width of {width}")
        self.heads = heads
        self.to_query = nn.Linear(width, width)
        self.to_key = nn.Linear(width, width)
        self.to_value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)

    def weights(self, query: Tensor, tokens: Tensor) -> Tensor:
        """Return the attention (B, heads, T) of ``query`` (B, d) over ``tokens`` (B, T, d)."""
        batch, length, width = tokens.shape
        place = sinusoidal_positions(length, width).to(tokens)
        q = self.to_query(query).view(batch, self.heads, 1, -1)  # (B, h, 1, d/h)
        k = self.to_key(tokens + place).view(batch, length, self.heads, -1)  # (B, T, h, d/h)
        score = q @ k.permute(0, 2, 3, 1) / math.sqrt(width // self.heads)  # (B, h, 1, T)
        return torch.softmax(score.squeeze(2), dim=-1)

    def forward(self, query: Tensor, tokens: Tensor) -> Tensor:
        """Return the attended value (B, d)."""
        batch, length, _ = tokens.shape
        weight = self.dropout(self.weights(query, tokens)).unsqueeze(2)  # (B, h, 1, T)
        v = self.to_value(tokens).view(batch, length, self.heads, -1).transpose(1, 2)
        attended: Tensor = self.out((weight @ v).reshape(batch, -1))  # (B, h, 1, d/h) -> (B, d)
        return attended
