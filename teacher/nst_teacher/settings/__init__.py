"""What decides the pictures: methods, presets, and when two are the same."""
