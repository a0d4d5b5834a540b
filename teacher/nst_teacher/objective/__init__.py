"""The loss of a picture: layers, distances, judges."""
