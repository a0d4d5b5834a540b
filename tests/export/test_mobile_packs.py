"""Bundles for apps of other packs: of an architecture that accelerators take, and of one that they do not."""

from pathlib import Path

import pytest

from nst_export.assemble import Labels
from nst_export.bundles.manifest import read_bundle
from nst_export.bundles.names import Precision, TargetName
from nst_export.bundles.order import Order
from nst_export.bundles.targets import TARGETS
from nst_export.bundles.writing import write_mobile_bundle
from nst_export.commands import export_pack
from nst_export.sources import Sources, load_trained
from nst_runtime.contracts.library import NOWHERE, Library
from nst_runtime.contracts.packs import read_pack
from nst_runtime.contracts.workspace import Workspace
from nst_runtime.errors import NstError
from nst_runtime.inference.devices import RunSettings
from nst_runtime.inference.stylizer import Stylizer

from .conftest import save_workspace

SIZE = (101, 77)


def _open(pack: Path) -> Stylizer:
    return Stylizer(Library(read_pack(pack), NOWHERE, NOWHERE), RunSettings("cpu", 1))


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Stylizer:
    """Return a pack of the paper's architecture, whose decoder has norms."""
    root = tmp_path_factory.mktemp("paper")
    workspace = save_workspace(root / "workspace", architecture="srinath")
    list(export_pack(load_trained(Sources.of(workspace)), Labels(), root / "pack"))
    return _open(root / "pack")


def test_a_pack_of_one_s_own_is_taken_whole(packed: Workspace, tmp_path: Path) -> None:
    order = Order(("scream",), (SIZE,), tuple(TARGETS), ("fp32", "fp16"))
    models = list(write_mobile_bundle(_open(packed.pack), order, tmp_path / "bundle"))
    assert [(m.target, m.precision) for m in models if m.target != "nnapi"] == [
        (target, precision)
        for target in ("coreml", "qnn", "xnnpack", "generic")
        for precision in ("fp32", "fp16")
        if (target, precision) != ("xnnpack", "fp16")
    ]
    assert all(model.measured.max_difference <= 1 for model in models if model.precision == "fp32")
    assert read_bundle(tmp_path / "bundle").architecture == "detailed"


def test_the_processor_takes_every_network(paper: Stylizer, tmp_path: Path) -> None:
    order = Order(("scream",), (SIZE,), ("generic",), ("fp32",))
    (model,) = write_mobile_bundle(paper, order, tmp_path / "bundle")
    assert model.measured.max_difference <= 1
    assert (tmp_path / "bundle" / str(model.ort)).is_file()


@pytest.mark.parametrize(
    ("target", "precision", "said"),
    [
        ("coreml", "fp32", "coreml takes 181 of 185 nodes of this pack's network, in 4 pieces"),
        ("nnapi", "fp32", "nnapi takes 177 of 186 nodes"),
        ("qnn", "fp32", "qnn in fp32 needs fixed statistics, which this pack's network does not have"),
        ("generic", "int8", "generic in int8 needs fixed statistics"),
        ("generic", "fp16", "this pack's network counts pixels, and half precision ends at 65504"),
    ],
)
def test_what_does_not_go_is_refused(
    paper: Stylizer, tmp_path: Path, target: TargetName, precision: Precision, said: str
) -> None:
    order = Order(("scream",), (SIZE,), (target,), (precision,))
    with pytest.raises(NstError, match=said):
        list(write_mobile_bundle(paper, order, tmp_path / "bundle"))
    assert not list(tmp_path.iterdir())
