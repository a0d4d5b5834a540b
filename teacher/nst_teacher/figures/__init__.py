"""The papers' figures: comparisons, sweeps, reconstructions, single pictures."""
