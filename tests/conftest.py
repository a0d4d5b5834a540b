"""What all tests share: they see no styles and no weights of the person who runs them."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def own_files_are_none(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Move the user's own styles and weights, also those of programs that tests start, to empty folders."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NST_WEIGHTS", str(tmp_path_factory.mktemp("own") / "weights"))
        patch.setenv("NST_STYLES", str(tmp_path_factory.mktemp("own") / "styles"))
        yield
