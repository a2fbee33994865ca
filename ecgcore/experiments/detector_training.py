"""The networks of ``beatlens``, trained on the tuning half of mitdb: ``detectors train``.

Nothing is chosen by the test half: sizes, epochs and the rest were set once and kept. The second
network is trained on what the first one makes of the same candidates.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Final

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from ecgcore.dsp.qrs import evidence, rhythm, templates
from ecgcore.dsp.qrs.detector import HOPELESS, keep
from ecgcore.dsp.qrs.evidence import WEIGHTS, Network
from ecgcore.dsp.qrs.thinning import strongest
from ecgcore.experiments.detector_examples import hearings
from ecgcore.schema import FloatArray
from ecgcore.whole_file import write_whole

UNITS: Final = (32, 16)
EPOCHS: Final = 12
BATCH: Final = 2048
RATE: Final = 8e-3
DECAY: Final = 1e-4


class _Module(nn.Module):
    """The network of ``evidence``, to be trained."""

    def __init__(self, waveform: int, context: int) -> None:
        super().__init__()
        self.waveform = nn.Linear(waveform, UNITS[0], bias=False)
        self.context = nn.Linear(context, UNITS[0])
        self.hidden = nn.Linear(*UNITS)
        self.output = nn.Linear(UNITS[1], 1)

    def forward(self, waveform: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        odd, even = self.waveform(waveform), self.context(context)  # (c, units) each
        answer: torch.Tensor = (self._rest(even + odd) + self._rest(even - odd)) / 2
        return answer

    def _rest(self, units: torch.Tensor) -> torch.Tensor:
        second = torch.relu(self.hidden(torch.relu(units)))
        answer: torch.Tensor = self.output(second)[:, 0]
        return answer


def train_detector(seed: int = 0, said: Callable[[str], None] = print) -> None:
    """Train both networks and write their weights beside ``evidence``; minutes on one core."""
    heard = list(hearings(seed, said))
    inputs = [evidence.inputs(one.stage) for one in heard]
    label = [one.label for one in heard]
    weight = [np.full(one.label.size, one.weight) for one in heard]
    first = _trained(inputs, label, weight, seed, said)

    again, label_again, weight_again = [], [], []
    for one, (waveform, context) in zip(heard, inputs, strict=True):
        log_odds = first.log_odds(waveform, context)
        chance = log_odds > HOPELESS
        stage, log_odds = keep(one.stage, chance), log_odds[chance]
        beats = strongest(stage.position, log_odds, rhythm.REFRACTORY)
        every = np.arange(log_odds.size)
        added = templates.likeness(stage, log_odds, beats[log_odds[beats] > 0], every)
        again.append((waveform[chance], np.concatenate((context[chance], added), axis=1)))
        label_again.append(one.label[chance])
        weight_again.append(np.full(int(chance.sum()), one.weight))
    second = _trained(again, label_again, weight_again, seed, said)

    arrays = {
        f"{name}.{field}": getattr(network, field)
        for name, network in (("first", first), ("second", second))
        for field in Network.__annotations__
    }
    packed = BytesIO()
    np.savez(packed, allow_pickle=False, **arrays)
    write_whole(WEIGHTS, packed.getvalue())


def _trained(
    inputs: list[tuple[FloatArray, FloatArray]],
    labels: list[np.ndarray],
    weights: list[np.ndarray],
    seed: int,
    said: Callable[[str], None],
) -> Network:
    """Fit one network to the candidates whose label is known."""
    label = np.concatenate(labels)
    known = label >= 0
    waveform = np.concatenate([one for one, _ in inputs])[known]
    context = np.concatenate([one for _, one in inputs])[known]
    mean, spread = context.mean(axis=0), context.std(axis=0) + 1e-6
    x = torch.from_numpy(waveform)
    c = torch.from_numpy((context - mean) / spread)
    y = torch.from_numpy(label[known].astype(np.float32))
    w = torch.from_numpy(np.concatenate(weights)[known].astype(np.float32))
    torch.manual_seed(seed)
    module = _Module(x.shape[1], c.shape[1])
    steps = y.numel() // BATCH
    optimizer = torch.optim.AdamW(module.parameters(), weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=EPOCHS * steps)
    for epoch in range(EPOCHS):
        order = torch.randperm(y.numel())
        total = 0.0
        for step in range(steps):
            some = order[step * BATCH : (step + 1) * BATCH]
            answer = module(x[some], c[some])
            loss = binary_cross_entropy_with_logits(answer, y[some], w[some])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            total += loss.item()
        said(f"epoch {epoch + 1}: {total / steps:.4f}")
    state = {name: value.numpy().copy() for name, value in module.state_dict().items()}
    scaled = state["context.weight"] / spread
    return Network(
        waveform=state["waveform.weight"],
        context=scaled.astype(np.float32),
        bias=(state["context.bias"] - scaled @ mean).astype(np.float32),
        hidden=state["hidden.weight"],
        hidden_bias=state["hidden.bias"],
        output=state["output.weight"][0],
        output_bias=state["output.bias"].reshape(()),
    )
