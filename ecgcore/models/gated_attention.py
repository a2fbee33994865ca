"""Late cross-attention of the RR intervals with a gate, beside the beat's own mean.

Source: the ECG–RR fusion study's companion text on MACNN-SE: RR 7 → 64 (linear, LayerNorm, GELU),
ECG 256 → 64 (linear), multi-head cross-attention, feed-forward 64 → 256 → 64, a gate sigmoid(α)
for each channel with α = −2 at the start (0.12, so that RR begins weak), concatenated with the
ECG to 128.

Departure: there the ECG is pooled over time first, which leaves one key. The softmax over one key
is 1, so the output does not depend on the RR query at all. Here the query attends over the whole
sequence and pooling comes after: the ECG half is the projection of the sequence's mean, as there.
Ours as well: RR features are standardised by the training beats, tokens are normalised and keys
carry positions (see ``attention``), the feed-forward block is residual and its sum normalised. The
query itself is not added to what it attends to, so late RR acts by where it looks.
"""

import torch
from torch import Tensor, nn

from ecgcore.models.fusion import RRAttention, feed_forward


class GatedRRAttention(RRAttention):
    """Features (B, C, T') and RR features (B, R) joined into (B, 2 width)."""

    def __init__(
        self,
        channels: int,
        width: int,
        rr_features: int,
        *,
        heads: int,
        gate: float,
        dropout: float,
    ) -> None:
        super().__init__(width, rr_features, heads, dropout)
        self.out = 2 * width
        self.project = nn.Linear(channels, width)
        self.feed_forward = feed_forward(width, dropout)
        self.output_norm = nn.LayerNorm(width)
        self.gate = nn.Parameter(torch.full((width,), gate))

    def tokens(self, features: Tensor) -> Tensor:
        """Return the sequence as normalised tokens: (B, C, T') -> (B, T', d)."""
        return super().tokens(self.project(features.transpose(1, 2)).transpose(1, 2))

    def forward(self, features: Tensor, rr: Tensor) -> Tensor:
        """Return the projected mean of the beat beside the gated answer to the RR query."""
        attended = super().forward(features, rr)  # (B, d)
        answer = self.output_norm(attended + self.feed_forward(attended))
        beat = self.project(features.mean(dim=-1))  # (B, C) -> (B, d)
        return torch.cat([beat, torch.sigmoid(self.gate) * answer], dim=1)
