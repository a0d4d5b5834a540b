"""The network as ONNX graph templates: one module an architecture, one registry."""
