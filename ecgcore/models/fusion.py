"""How a beat's feature sequence is joined with the RR intervals: the four ways of the ResUNet rows.

Source: the ECG–RR fusion study for inter-patient arrhythmia classification. One query token from
the RR features, keys and values from the backbone's sequence (A2, B2), or plain concatenation
(A1, B1); then (B1, B2) a transformer-style feed-forward block (Vaswani et al. 2017).

Departures, all ours: the RR features are standardised by the training beats; attention as
``attention`` says. The study names the parts of A1, A2 and B1 and gives no layer of them: that the
pooled sequence is its mean, that A2's query itself is not added to what it attends to, and that B1
brings the two halves to the backbone's width by one linear layer is our reading.
"""

import torch
from torch import Tensor, nn

from ecgcore.models.attention import CrossAttention


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


def rr_embedding(rr_features: int, width: int) -> nn.Sequential:
    """Return what makes one token (B, width) of standardised RR features (B, R)."""
    return nn.Sequential(nn.Linear(rr_features, width), nn.LayerNorm(width), nn.GELU())


def feed_forward(width: int, dropout: float) -> nn.Sequential:
    """Return the transformer's position-wise block (B, width) -> (B, width), four times as wide."""
    return nn.Sequential(
        nn.Linear(width, 4 * width),
        nn.GELU(),
        nn.Dropout(dropout),
        nn.Linear(4 * width, width),
        nn.Dropout(dropout),
    )


class Fusion(nn.Module):
    """What joins features (B, d, T') and RR features (B, R) into one vector (B, ``out``)."""

    out: int

    def __init__(self, rr_features: int) -> None:
        super().__init__()
        if rr_features < 1:
            raise ValueError("a fusion needs at least one RR feature")
        self.standardise = Standardise(rr_features)


class Concatenation(Fusion):
    """A1's fusion: the sequence's mean and the standardised RR features side by side."""

    def __init__(self, width: int, rr_features: int) -> None:
        super().__init__(rr_features)
        self.out = width + rr_features

    def forward(self, features: Tensor, rr: Tensor) -> Tensor:
        """Return (B, d + R)."""
        return torch.cat([features.mean(dim=-1), self.standardise(rr)], dim=1)


class RRAttention(Fusion):
    """A2's fusion: what the RR query finds in the sequence; RR acts by where it looks, alone."""

    def __init__(self, width: int, rr_features: int, heads: int, dropout: float) -> None:
        super().__init__(rr_features)
        self.out = width
        self.rr_embedding = rr_embedding(rr_features, width)
        self.token_norm = nn.LayerNorm(width)
        self.attention = CrossAttention(width, heads, dropout)

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
        """Return (B, d)."""
        attended: Tensor = self.attention(self.query(rr), self.tokens(features))
        return attended


class ConcatenationTransformer(Fusion):
    """B1's fusion: mean and RR token concatenated, brought to d, feed-forward with a residual."""

    def __init__(self, width: int, rr_features: int, dropout: float) -> None:
        super().__init__(rr_features)
        self.out = width
        self.rr_embedding = rr_embedding(rr_features, width)
        self.join = nn.Sequential(nn.Linear(2 * width, width), nn.LayerNorm(width))
        self.feed_forward = feed_forward(width, dropout)
        self.output_norm = nn.LayerNorm(width)

    def forward(self, features: Tensor, rr: Tensor) -> Tensor:
        """Return (B, d)."""
        token = self.rr_embedding(self.standardise(rr))  # (B, d)
        joined = self.join(torch.cat([features.mean(dim=-1), token], dim=1))  # (B, 2d) -> (B, d)
        fused: Tensor = self.output_norm(joined + self.feed_forward(joined))
        return fused


class RRQueryFusion(RRAttention):
    """B2's fusion: RR query, cross-attention over the sequence, feed-forward, both residual."""

    def __init__(self, width: int, rr_features: int, heads: int, dropout: float) -> None:
        super().__init__(width, rr_features, heads, dropout)
        self.attention_norm = nn.LayerNorm(width)
        self.feed_forward = feed_forward(width, dropout)
        self.output_norm = nn.LayerNorm(width)

    def forward(self, features: Tensor, rr: Tensor) -> Tensor:
        """Return (B, d)."""
        query = self.query(rr)  # (B, d)
        joined = self.attention_norm(query + self.attention(query, self.tokens(features)))
        fused: Tensor = self.output_norm(joined + self.feed_forward(joined))  # (B, d)
        return fused
