"""Folders of pairs: jobs, shards, many machines, resumption."""
