"""What all tests share: none of them sees the styles that the person who runs them has added."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def own_styles_are_none(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Move the user's own styles, also those of programs that tests start, to an empty folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NST_STYLES", str(tmp_path_factory.mktemp("own") / "styles"))
        yield
