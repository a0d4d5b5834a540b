"""Stylise pictures on the edge with numpy, pillow and onnxruntime alone."""
