"""Drawing programs for the demo scenes and the style pictures (numpy and Pillow only)."""
