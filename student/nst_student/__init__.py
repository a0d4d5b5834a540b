"""The student."""
