"""Fusion B2 (MHCA-TF): the RR intervals ask, the beat's feature sequence answers.

Source: the ECG–RR fusion study for inter-patient arrhythmia classification, variant B2: one query
token from the RR features, keys and values from the backbone's sequence, multi-head
cross-attention, then a transformer-style feed-forward block (Vaswani et al. 2017).

Departures, all ours:
* keys carry a fixed sinusoidal position, so that a query can ask for a place (the P wave, the T
  wave) and not only for a shape; values carry none;
* the number of heads and widths follow the narrower backbone, not the study's 9 heads at 180.
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


class Standardise(nn.Module):
    """RR features minus the training beats' mean, divided by their spread; both are buffers."""

    mean: Tensor
    spread: Tensor

    def __init__(self, features: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("spread", torch.ones(features))

    def learn(self, rr: Tensor) -> None:
        """Take mean and spread from training beats (n, R)."""
        self.mean.copy_(rr.mean(dim=0))
        self.spread.copy_(rr.std(dim=0, unbiased=False).clamp_min(1e-6))

    def forward(self, rr: Tensor) -> Tensor:
        """Return (B, R) standardised."""
        return (rr - self.mean) / self.spread


class RRQueryFusion(nn.Module):
    """B2's fusion: RR query, cross-attention over the sequence, feed-forward, both residual."""

    def __init__(self, width: int, rr_features: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.standardise = Standardise(rr_features)
        self.rr_embedding = nn.Sequential(
            nn.Linear(rr_features, width), nn.LayerNorm(width), nn.GELU()
        )
        self.token_norm = nn.LayerNorm(width)
        self.attention = CrossAttention(width, heads, dropout)
        self.attention_norm = nn.LayerNorm(width)
        self.feed_forward = nn.Sequential(
            nn.Linear(width, 4 * width),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(4 * width, width),
            nn.Dropout(dropout),
        )
        self.output_norm = nn.LayerNorm(width)

    def query(self, rr: Tensor) -> Tensor:
        """Return the RR features (B, R) as one token (B, d)."""
        query: Tensor = self.rr_embedding(self.standardise(rr))
        return query

    def tokens(self, features: Tensor) -> Tensor:
        """Return the sequence as normalised tokens: (B, d, T') -> (B, T', d)."""
        tokens: Tensor = self.token_norm(features.transpose(1, 2))
        return tokens

    def attention_weights(self, features: Tensor, rr: Tensor) -> Tensor:
        """Return where the RR query looks: (B, heads, T'), rows sum to 1."""
        return self.attention.weights(self.query(rr), self.tokens(features))

    def forward(self, features: Tensor, rr: Tensor) -> Tensor:
        """Join ``features`` (B, d, T') and ``rr`` (B, R) into (B, d)."""
        query = self.query(rr)  # (B, d)
        joined = self.attention_norm(query + self.attention(query, self.tokens(features)))
        fused: Tensor = self.output_norm(joined + self.feed_forward(joined))  # (B, d)
        return fused
