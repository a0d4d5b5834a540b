"""What these tests share."""

from ..running import run

__all__ = ["run"]
