"""Minimisers: L-BFGS and first-order methods, each picture as if alone."""
