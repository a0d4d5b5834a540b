"""Codecs and banks: architectures in one registry, and the files that hold them."""
