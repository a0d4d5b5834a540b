"""L-BFGS over a batch of pictures: one evaluation a step for all, step control and memory for each alone.

Nocedal and Wright, "Numerical Optimization" (2006), alg. 7.4. Departures: pixels stay in [0, 1] by projection; in
place of an inner line search, a picture whose step fails the Armijo test goes back and tries a shorter one in the
next evaluation, so that no picture waits for another and nothing is read back from the device.
"""

import torch

MEMORY = 12
FIRST_STEP_RMS = 0.02
ARMIJO = 1e-4
REJECTIONS = 6


class BatchedLbfgs:
    """The state of B minimisations of N numbers each; every tensor's first axis is the picture."""

    def __init__(self, x: torch.Tensor, loss: torch.Tensor, gradient: torch.Tensor) -> None:
        """Begin at `x` B×N in [0, 1] with its `loss` (B) and `gradient` B×N."""
        batch, size = x.shape
        self.x, self.loss, self.gradient = x, loss, gradient
        self._steps = x.new_zeros(batch, MEMORY, size)
        self._changes = x.new_zeros(batch, MEMORY, size)
        self._rho = x.new_zeros(batch, MEMORY)
        self._held = torch.zeros(batch, dtype=torch.long, device=x.device)
        self._next = torch.zeros_like(self._held)
        self._rejected = torch.zeros_like(self._held)
        self._length = x.new_ones(batch)
        self._rows = torch.arange(batch, device=x.device)
        self._direction = self._find_direction()

    def propose(self) -> torch.Tensor:
        """Return the pictures B×N to evaluate next."""
        return (self.x + self._length[:, None] * self._direction).clamp(0, 1)

    def update(self, trial: torch.Tensor, loss: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
        """Take the evaluation of `trial` (from `propose`); return which pictures moved there (B), the others stayed."""
        step = trial - self.x
        slope = (self.gradient * step).sum(1)
        finite = torch.isfinite(loss) & torch.isfinite(gradient).all(1)
        taken = finite & (loss <= self.loss + ARMIJO * slope)
        self._remember(taken, step, gradient - self.gradient)
        shorter = self._length * _shrink(slope, loss - self.loss)
        self.x = torch.where(taken[:, None], trial, self.x)
        self.loss = torch.where(taken, loss, self.loss)
        self.gradient = torch.where(taken[:, None], gradient, self.gradient)
        self._rejected = torch.where(taken, 0, self._rejected + 1)
        stuck = self._rejected >= REJECTIONS
        self._held = torch.where(stuck, 0, self._held)
        self._rejected = torch.where(stuck, 0, self._rejected)
        self._length = torch.where(taken, 1.0, shorter)
        self._direction = torch.where((taken | stuck)[:, None], self._find_direction(), self._direction)
        return taken

    def _remember(self, taken: torch.Tensor, step: torch.Tensor, change: torch.Tensor) -> None:
        """Keep the pairs (step, change of gradient) of positive curvature, in each picture's own ring."""
        curvature = (step * change).sum(1)
        kept = taken & (curvature > 1e-8 * (step.square().sum(1) * change.square().sum(1)).sqrt())
        slot = self._next
        for ring, value in ((self._steps, step), (self._changes, change)):
            ring[self._rows, slot] = torch.where(kept[:, None], value, ring[self._rows, slot])
        self._rho[self._rows, slot] = torch.where(kept, 1 / curvature, self._rho[self._rows, slot])
        self._next = torch.where(kept, (slot + 1) % MEMORY, slot)
        self._held = torch.where(kept, (self._held + 1).clamp_max(MEMORY), self._held)

    def _find_direction(self) -> torch.Tensor:
        """Return -H g by the two-loop recursion (alg. 7.4), or scaled steepest descent where it leads uphill."""
        q = _free(self.x, self.gradient)
        steepest = -q * (FIRST_STEP_RMS / q.square().mean(1).sqrt().clamp_min(1e-30))[:, None]
        slots = [(self._next - age) % MEMORY for age in range(1, MEMORY + 1)]
        alphas = []
        for age, slot in enumerate(slots):
            rho = torch.where(self._held > age, self._rho[self._rows, slot], 0.0)
            alpha = rho * (self._steps[self._rows, slot] * q).sum(1)
            q = q - alpha[:, None] * self._changes[self._rows, slot]
            alphas.append((rho, alpha))
        newest = self._changes[self._rows, slots[0]]
        scale = 1 / (self._rho[self._rows, slots[0]] * newest.square().sum(1)).clamp_min(1e-30)
        q = q * scale[:, None]
        for slot, (rho, alpha) in zip(reversed(slots), reversed(alphas), strict=True):
            beta = rho * (self._changes[self._rows, slot] * q).sum(1)
            q = q + (alpha - beta)[:, None] * self._steps[self._rows, slot]
        downhill = (self._held > 0) & ((self.gradient * q).sum(1) > 0)
        return torch.where(downhill[:, None], -q, steepest)


def _free(x: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    """Return `gradient` without the components that push a pixel out of [0, 1]."""
    return torch.where(((x <= 0) & (gradient > 0)) | ((x >= 1) & (gradient < 0)), 0.0, gradient)


def _shrink(slope: torch.Tensor, rise: torch.Tensor) -> torch.Tensor:
    """Return the factor to the minimum of the parabola through the start, its slope and the failed step's `rise`."""
    factor = -slope / (2 * (rise - slope))
    return torch.where(torch.isfinite(factor), factor, 0.1).clamp(0.1, 0.5)
