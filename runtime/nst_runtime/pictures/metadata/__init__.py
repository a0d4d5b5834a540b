"""What pictures say about themselves: what of it is kept, and how it is written."""
