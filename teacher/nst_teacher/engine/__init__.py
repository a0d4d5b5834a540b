"""Batches of pictures optimised together, within the memory there is."""
