"""What the graphs of every architecture take and give."""

from collections.abc import Mapping

from nst_export.graph import Port

Metadata = Mapping[str, str]


def features_port(name: str, width: int) -> Port:
    """Return the port of features 1×`width`×h×w, h and w being a quarter of the picture's sides."""
    return Port(name, width, "h", "w")


def details_port(name: str, width: int) -> Port:
    """Return the port of 1×`width`×2h×2w, twice as high and wide as the features."""
    return Port(name, width, "2h", "2w")
