"""The Wasserstein-2 distance between Gaussians, over a batch, by matrix products alone."""

import torch

ITERATIONS = 16  # converges for eigenvalues down to 1.5⁻¹⁶ = 1/650 of the largest; smaller ones hardly count
SMALLEST_SHARE = 1e-6  # of the style's mean variance, added to the picture's: a flat picture has a slope, too


def covariance(statistics: torch.Tensor) -> torch.Tensor:
    """Return the covariances B×C×C of `statistics` B×C×(C+1): second moments and, in the last column, means."""
    moment, mean = statistics[:, :, :-1], statistics[:, :, -1:]
    return moment - mean @ mean.transpose(1, 2)


def rooted(statistics: torch.Tensor) -> torch.Tensor:
    """Return `statistics` B×C×(C+1) with the root of their covariance in place of the second moments: a target."""
    values, vectors = torch.linalg.eigh(covariance(statistics).double())
    root = (vectors * values.clamp_min(0).sqrt()[:, None]) @ vectors.transpose(1, 2)
    return torch.cat([root.to(statistics), statistics[:, :, -1:]], dim=2)


def gaussian_distance(statistics: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Return W₂² between the Gaussians of `statistics` and `target` (see `rooted`), B values.

    Olkin and Pukelsheim (1982): ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₂^½ Σ₁ Σ₂^½)^½).
    """
    root, target_mean = target[:, :, :-1], target[:, :, -1:]
    energy = root.square().sum(dim=(1, 2))
    identity = torch.eye(root.shape[1], device=root.device, dtype=root.dtype)
    own = covariance(statistics) + identity * (SMALLEST_SHARE * energy / root.shape[1])[:, None, None]
    apart = (statistics[:, :, -1:] - target_mean).square().sum(dim=(1, 2))
    return apart + _trace(own) + energy - 2 * trace_of_root(root @ own @ root)


def trace_of_root(matrix: torch.Tensor) -> torch.Tensor:
    """Return tr(A^½) of positive semidefinite matrices B×C×C, B values.

    The coupled Newton–Schulz iteration (Higham, "Functions of Matrices" (2008), eq. 6.35): differentiable, and without
    a decomposition that the host would have to wait for.
    """
    norm = matrix.square().sum(dim=(1, 2), keepdim=True).clamp_min(1e-30).sqrt()
    identity = torch.eye(matrix.shape[-1], device=matrix.device, dtype=matrix.dtype)
    root, inverse = matrix / norm, identity.expand_as(matrix)
    for _ in range(ITERATIONS):
        step = 1.5 * identity - 0.5 * inverse @ root
        root, inverse = root @ step, step @ inverse
    return _trace(root) * norm.flatten().sqrt()


def _trace(matrix: torch.Tensor) -> torch.Tensor:
    return matrix.diagonal(dim1=1, dim2=2).sum(dim=1)
