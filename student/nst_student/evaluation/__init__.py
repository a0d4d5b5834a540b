"""Measuring what stylizes: quality, gains, borders, lattices, contact sheets."""
