"""Bundles that an app can ship: a style as one graph, in the form that a phone's accelerator takes whole."""
