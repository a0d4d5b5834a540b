"""What the graphs of every architecture take and give."""

from collections.abc import Mapping

from nst_export.graph import Port

Metadata = Mapping[str, str]


def features_port(name: str, width: int) -> Port:
    """Return the port of features 1×`width`×h×w, h and w being a quarter of the picture's sides."""
    return Port(name, width, "h", "w")
