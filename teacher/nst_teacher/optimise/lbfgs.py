"""L-BFGS over a batch of pictures: one evaluation a step for all, step control and memory for each alone.

Nocedal and Wright, "Numerical Optimization" (2006), alg. 7.4, in the compact form of Byrd, Nocedal and Schnabel (1994),
which reads the memory twice a step instead of twice a pair. Departures: pixels stay in [0, 1] by projection, unless
they are to be unbounded; in place of an inner line search, a picture whose step fails the Armijo test goes back and
tries a shorter one in the next evaluation, so that no picture waits for another and nothing is read back from the
device.
"""

import torch

MEMORY = 12
FIRST_STEP_RMS = 0.02
ARMIJO = 1e-4
REJECTIONS = 6


class BatchedLbfgs:
    """The state of B minimisations of N numbers each; every tensor's first axis is the picture."""

    def __init__(self, x: torch.Tensor, loss: torch.Tensor, gradient: torch.Tensor, *, bounded: bool = True) -> None:
        """Begin at `x` B×N, in [0, 1] if `bounded`, with its `loss` (B) and `gradient` B×N."""
        batch = len(x)
        self.x, self.loss, self.gradient = x, loss, gradient
        self._bounded = bounded
        self._memory = Memory(x)
        self._rejected = torch.zeros(batch, dtype=torch.long, device=x.device)
        self._length = x.new_ones(batch)
        self._direction = self._find_direction()

    def propose(self) -> torch.Tensor:
        """Return the pictures B×N to evaluate next."""
        trial = torch.addcmul(self.x, self._length[:, None], self._direction)
        return trial.clamp_(0, 1) if self._bounded else trial

    def update(self, trial: torch.Tensor, loss: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
        """Take the evaluation of `trial` (from `propose`); return which pictures moved there (B), the others stayed."""
        step = trial - self.x
        slope = (self.gradient * step).sum(1)
        finite = torch.isfinite(loss) & torch.isfinite(gradient).all(1)
        taken = finite & (loss <= self.loss + ARMIJO * slope)
        self._memory.keep(taken, step, gradient - self.gradient)
        shorter = self._length * _shrink(slope, loss - self.loss)
        self.x = torch.where(taken[:, None], trial, self.x)
        self.loss = torch.where(taken, loss, self.loss)
        self.gradient = torch.where(taken[:, None], gradient, self.gradient)
        self._rejected = torch.where(taken, 0, self._rejected + 1)
        stuck = self._rejected >= REJECTIONS
        self._memory.forget(stuck)
        self._rejected = torch.where(stuck, 0, self._rejected)
        self._length = torch.where(taken, 1.0, shorter)
        self._direction = torch.where((taken | stuck)[:, None], self._find_direction(), self._direction)
        return taken

    def _find_direction(self) -> torch.Tensor:
        """Return -H g, or scaled steepest descent where it leads uphill."""
        free = _free(self.x, self.gradient) if self._bounded else self.gradient
        steepest = -free * (FIRST_STEP_RMS / free.square().mean(1).sqrt().clamp_min(1e-30))[:, None]
        newton = self._memory.precondition(free)
        downhill = (self._memory.held > 0) & ((self.gradient * newton).sum(1) > 0)
        return torch.where(downhill[:, None], -newton, steepest)


class Memory:
    """The last pairs of steps s and changes of gradient y of each of B minimisations, in a ring of its own.

    Only as many slots are looked at as there may be pairs, which the host knows: one for each call of `keep`.
    """

    def __init__(self, like: torch.Tensor) -> None:
        """Hold nothing yet, for vectors of the shape, dtype and device of `like` B×N."""
        batch, size = like.shape
        self.held = torch.zeros(batch, dtype=torch.long, device=like.device)
        self._next = torch.zeros_like(self.held)
        self._rows = torch.arange(batch, device=like.device)
        self._slots = 0
        self._pairs = like.new_zeros(batch, 2 * MEMORY, size)  # s and y of the first slot, of the second…
        self._products = like.new_zeros(batch, 2 * MEMORY, 2 * MEMORY, dtype=torch.float64)  # of each with each

    def keep(self, wanted: torch.Tensor, step: torch.Tensor, change: torch.Tensor) -> None:
        """Add the pair (`step`, `change`), B×N both, where it is `wanted` (B) and of positive curvature."""
        self._slots = min(self._slots + 1, MEMORY)
        curvature = (step * change).sum(1)
        kept = wanted & (curvature > 1e-8 * (step.square().sum(1) * change.square().sum(1)).sqrt())
        rows, places = self._rows[:, None], 2 * self._next[:, None] + torch.arange(2, device=step.device)
        pair = torch.where(kept[:, None, None], torch.stack([step, change], dim=1), self._pairs[rows, places])
        self._pairs[rows, places] = pair
        products = self._multiply_pairs(pair)
        self._products[rows, places, : 2 * self._slots] = products
        self._products[rows, : 2 * self._slots, places] = products
        self._next = torch.where(kept, (self._next + 1) % MEMORY, self._next)
        self.held = torch.where(kept, (self.held + 1).clamp_max(MEMORY), self.held)

    def forget(self, which: torch.Tensor) -> None:
        """Hold no pairs any more of the minimisations `which` (B)."""
        self.held = torch.where(which, 0, self.held)

    def precondition(self, gradient: torch.Tensor) -> torch.Tensor:
        """Return H g for `gradient` B×N; what it returns where nothing is held has no meaning.

        With S and Y the pairs from the newest to the oldest, L the lower triangle of SᵀY, D its diagonal and
        γ = s·y / y·y of the newest: H g = γ (g − Y a) + S c, where L a = Sᵀg and Lᵀ c = D a − γ Yᵀ(g − Y a). These are
        the two loops of alg. 7.4, each as one triangular system.
        """
        if not self._slots:
            return gradient
        places, held = self._newest_first()
        rows, slots = self._rows[:, None], self._slots
        products = self._products[rows[:, None], places[:, :, None], places[:, None]]
        lower = products[:, :slots, slots:].tril()
        diagonal = lower.diagonal(dim1=1, dim2=2)
        lower = torch.where(
            held[:, :, None] & held[:, None], lower, torch.eye(slots, dtype=lower.dtype, device=lower.device)
        )
        along = self._multiply_pairs(gradient[:, None])[rows, 0, places]
        along_s, along_y = along[:, :slots], along[:, slots:]
        scale = diagonal[:, :1] / products[:, slots, slots, None].clamp_min(1e-300)
        a = _solve(lower, torch.where(held, along_s, 0.0), upper=False)
        turned = scale * (along_y - (products[:, slots:, slots:] @ a[:, :, None])[:, :, 0])
        c = _solve(lower.transpose(1, 2), torch.where(held, diagonal * a - turned, 0.0), upper=True)
        weights = torch.zeros_like(places, dtype=torch.float64).scatter(1, places, torch.cat([c, -scale * a], dim=1))
        combined = (weights.to(gradient)[:, None] @ self._pairs[:, : 2 * slots])[:, 0]
        return torch.addcmul(combined, scale.to(gradient), gradient)

    def _newest_first(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return where the steps and then the changes lie, B×2n, and which of them are held, B×n."""
        age = torch.arange(self._slots, device=self.held.device)
        steps = 2 * ((self._next[:, None] - 1 - age) % self._slots)
        return torch.cat([steps, steps + 1], dim=1), age < self.held[:, None]

    def _multiply_pairs(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return the inner products B×K×2n of `vectors` B×K×N with what is in the first n slots."""
        return (vectors @ self._pairs[:, : 2 * self._slots].transpose(1, 2)).double()


def _solve(matrix: torch.Tensor, value: torch.Tensor, *, upper: bool) -> torch.Tensor:
    """Return x B×n of `matrix` x = `value`, for triangular matrices B×n×n."""
    solution: torch.Tensor = torch.linalg.solve_triangular(matrix, value[:, :, None], upper=upper)
    return solution[:, :, 0]


def _free(x: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    """Return `gradient` without the components that push a pixel out of [0, 1]."""
    return torch.where(((x <= 0) & (gradient > 0)) | ((x >= 1) & (gradient < 0)), 0.0, gradient)


def _shrink(slope: torch.Tensor, rise: torch.Tensor) -> torch.Tensor:
    """Return the factor to the minimum of the parabola through the start, its slope and the failed step's `rise`."""
    factor = -slope / (2 * (rise - slope))
    return torch.where(torch.isfinite(factor), factor, 0.1).clamp(0.1, 0.5)
