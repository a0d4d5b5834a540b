"""Rewrites of a static graph, each of which computes the same with operators that accelerators take."""
