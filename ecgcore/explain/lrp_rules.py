"""The layers of a network as layer-wise relevance propagation sees them.

Relevance is propagated as a modified gradient (Ancona et al., "Towards better understanding of
gradient-based attribution methods", ICLR 2018): each layer is replaced, for one pass in one
thread, by one that gives the same output and whose gradient g makes input · g the relevance by its
rule. A ``TorchFunctionMode`` replaces them as they are called, so nothing is hooked to the shared
network and other threads see nothing of it.

Rules: convolutions and linear layers by ``epsilon`` or ``alpha_beta``; batch normalisation folded
into the convolution before it, or by the same rule as a layer of its own; ReLU, LeakyReLU, GELU and
tanh pass relevance through (their gain is held); max pooling gives all to the winner. Sums,
concatenations, mean pooling, padding and resizing split in proportion, as their gradient does.
Approximated, held as constants: what softmax and sigmoid give (attention weights and squeeze-and-
excitation gates, so nothing is traced through where the network looks), and LayerNorm's scale
(Ali et al., "XAI for Transformers", ICML 2022).
"""

from collections.abc import Callable
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from ecgcore.errors import EcgError

# Their gradient splits relevance in proportion already, or they move nothing but shapes.
_AS_THEY_ARE: Final = frozenset(
    "__get__ __getitem__ adaptive_avg_pool1d adaptive_avg_pool2d amax avg_pool1d avg_pool2d cat "
    "chunk clone contiguous detach dim div dropout expand flatten gather interpolate matmul "
    "max_pool1d max_pool2d mean mul pad permute requires_grad_ reshape size squeeze stack sum to "
    "transpose unsqueeze view view_as".split()
)
_HELD: Final = frozenset(("softmax", "sigmoid"))
_GAINS: Final = frozenset(("relu", "leaky_relu", "gelu", "tanh"))
_LAYERS: Final = frozenset(("conv1d", "conv2d", "conv_transpose1d", "linear"))


class RelevanceRules(TorchFunctionMode):
    """Replaces layers within ``with``; ``nothing`` and ``lost`` gather what no input gets.

    Parameters: ``beats``, the first axis of whatever passes; ``epsilon``, the stabiliser as a share
    of a layer's root mean square; ``alpha_beta``, or None for the epsilon rule everywhere. As is
    usual, alpha-beta is for convolutions, linear layers keep epsilon.
    """

    def __init__(
        self, beats: int, epsilon: float, alpha_beta: tuple[float, float] | None = None
    ) -> None:
        super().__init__()
        self.epsilon, self.alpha_beta = epsilon, alpha_beta
        # Both are one: the score's gradient by them is the relevance of all biases, and of all
        # that the stabiliser took away.
        self.biases = torch.ones(beats, requires_grad=True)
        self.lost = torch.ones(beats, requires_grad=True)
        self._last: tuple[Tensor, Callable[..., Tensor], tuple[Any, ...]] | None = None

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Call ``func``, or what stands for it in relevance propagation."""
        kwargs = kwargs or {}
        name = getattr(func, "__name__", str(func))
        tensors = [a for a in args if isinstance(a, Tensor) and not isinstance(a, nn.Parameter)]
        if name == "cat" or not any(a.requires_grad for a in tensors) or name in _AS_THEY_ARE:
            return func(*args, **kwargs)
        if name in _LAYERS:
            return self._layer(func, *args, **kwargs)
        if name == "batch_norm":
            return self._batch_norm(*args, **kwargs)
        if name == "layer_norm":
            return self._layer_norm(*args, **kwargs)
        if name in _GAINS:
            # A copy, as some networks rectify in place.
            return _held_gain(args[0], func(args[0].detach().clone(), *args[1:], **kwargs))
        if name in _HELD:
            return func(*args, **kwargs).detach()
        if name in ("add", "sub"):
            axes = max(a.ndim for a in tensors)
            return func(*(self._constant(a, axes) for a in args), **kwargs)
        raise EcgError(
            f"LRP has no rule for {name!r}, which this network uses; take integrated gradients."
        )

    def _layer(
        self,
        func: Callable[..., Tensor],
        a: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        *more: Any,
        **named: Any,
    ) -> Tensor:
        def apply(a: Tensor, weight: Tensor) -> Tensor:
            return func(a, weight, None, *more, **named)

        axis = 1 if func is not torch._C._nn.linear else -1
        shift = None if bias is None else _along(bias, a.ndim, axis)
        if self.alpha_beta is None or axis == -1:
            z = self._stable(apply(a, weight) + self._bias(shift, a.ndim))
        else:
            z = self._signed(apply, a, weight, shift)
        if axis == 1:
            self._last = (z, func, (a, weight, bias, *more))
        return z

    def _batch_norm(
        self,
        a: Tensor,
        mean: Tensor,
        variance: Tensor,
        weight: Tensor,
        bias: Tensor,
        training: bool = False,
        momentum: float = 0.1,  # noqa: ARG002 - torch's signature
        eps: float = 1e-5,
    ) -> Tensor:
        assert not training
        scale = weight / torch.sqrt(variance + eps)
        shift = bias - mean * scale
        if self._last is not None and self._last[0] is a:
            _, func, (before, kernel, old, *more) = self._last
            axis = 1 if func is torch.conv_transpose1d else 0  # of the channels that come out
            folded = kernel * _along(scale, kernel.ndim, axis)
            return self._layer(
                func, before, folded, shift + (0 if old is None else old * scale), *more
            )
        scale, shift = _along(scale, a.ndim, 1), _along(shift, a.ndim, 1)
        if self.alpha_beta is None:
            return self._stable(a * scale + self._bias(shift, a.ndim))
        return self._signed(torch.mul, a, scale, shift)

    def _layer_norm(
        self,
        a: Tensor,
        shape: Any,  # noqa: ARG002 - torch's signature; the last axis everywhere here
        weight: Tensor,
        bias: Tensor,
        eps: float = 1e-5,
    ) -> Tensor:
        spread = torch.sqrt(a.detach().var(dim=-1, keepdim=True, unbiased=False) + eps)
        centred = (a - a.mean(dim=-1, keepdim=True)) / spread * weight
        return centred + self._bias(_along(bias, a.ndim, -1), a.ndim)

    def _constant(self, a: Any, ndim: int) -> Any:
        """Return a summand; one that is no activation counts as a bias."""
        if not isinstance(a, Tensor) or a.requires_grad:
            return a
        return a * self._each(self.biases, ndim)

    def _bias(self, shift: Tensor | None, ndim: int) -> Tensor | float:
        return 0.0 if shift is None else shift * self._each(self.biases, ndim)

    def _each(self, one: Tensor, ndim: int) -> Tensor:
        return one.view(-1, *[1] * (ndim - 1))

    def _stable(self, z: Tensor) -> Tensor:
        """Return z, its relevance shrunk by z / (z + epsilon sign z); ``lost`` has the rest."""
        if not self.epsilon:
            return z
        fixed = z.detach()
        axes = tuple(range(1, z.ndim))
        room = self.epsilon * fixed.square().mean(dim=axes, keepdim=True).sqrt()
        size = fixed.abs()
        kept = size / (size + room).clamp_min(torch.finfo(z.dtype).tiny)
        return z * kept + fixed * (1 - kept) * self._each(self.lost, z.ndim)

    def _signed(
        self,
        apply: Callable[[Tensor, Tensor], Tensor],
        a: Tensor,
        weight: Tensor,
        shift: Tensor | None,
    ) -> Tensor:
        """Return a layer's output with alpha of its relevance on what agrees with its sign.

        Departure from Bach et al. 2015 (equation 60), whose layers follow a ReLU: where the output
        is negative, alpha goes to the negative contributions, which made it so (as in Andéol et
        al., "Learning domain invariant representations by joint Wasserstein distance
        minimization", 2023).
        """
        assert self.alpha_beta is not None
        alpha, beta = self.alpha_beta
        up, down = weight.clamp_min(0), weight.clamp_max(0)
        high, low = a.clamp_min(0), a.clamp_max(0)
        zp, zn = apply(high, up), apply(high, down)
        if bool((low.detach() < 0).any()):  # after a ReLU there is nothing below zero
            zp, zn = zp + apply(low, down), zn + apply(low, up)
        if shift is not None:
            zp = zp + self._bias(shift.clamp_min(0), a.ndim)
            zn = zn + self._bias(shift.clamp_max(0), a.ndim)
        plus, minus = zp.detach(), zn.detach()
        z = plus + minus
        to_plus = z / torch.where(plus > 0, plus, 1.0)
        to_minus = z / torch.where(minus < 0, minus, 1.0)
        agree = z >= 0
        to_plus = torch.where(agree, alpha, -beta) * to_plus
        to_minus = torch.where(agree, -beta, alpha) * to_minus
        # With contributions of one sign only, they get all of it.
        return zp * torch.where(minus < 0, to_plus, 1.0) + zn * torch.where(plus > 0, to_minus, 1.0)


def _held_gain(a: Tensor, out: Tensor) -> Tensor:
    """Return ``out`` as ``a`` times a constant."""
    fixed = a.detach()
    return a * torch.where(fixed != 0, out / torch.where(fixed != 0, fixed, 1.0), 0.0)


def _along(values: Tensor, ndim: int, axis: int) -> Tensor:
    """Return (n,) values along one axis of ``ndim``."""
    shape = [1] * ndim
    shape[axis] = -1
    return values.view(shape)
