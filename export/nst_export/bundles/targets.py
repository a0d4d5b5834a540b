"""The accelerators of phones: one row each."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import onnx

from nst_export.bundles.checks import (
    Check,
    Limits,
    check_coreml_network,
    check_coreml_program,
    check_nnapi,
    check_qnn,
    check_xnnpack,
    coreml_limits,
    nnapi_limits,
)
from nst_export.bundles.names import FORMS, Precision, TargetName
from nst_export.bundles.placement import Placement
from nst_export.bundles.rewrites.borders import slice_borders
from nst_export.bundles.rewrites.clipping import clip_by_minimum
from nst_export.bundles.rewrites.norms import average_norms
from nst_export.bundles.rewrites.products import convolve_products
from nst_export.bundles.rewrites.shuffles import shuffle_by_depth
from nst_export.bundles.rewrites.upscaling import repeat_by_depth
from nst_export.bundles.static_graph import Rewrite, StaticGraph
from nst_runtime.contracts.packs import Form
from nst_runtime.errors import NstError


@dataclass(frozen=True)
class Target:
    """What computes on a phone, and the form of a graph that it takes whole.

    `provider` is the name of onnxruntime's execution provider, `options` are what the examples start it with. `forms`
    has the form of the network for each precision that it takes. `checks` say what is placed: all of it in one piece,
    or all convolutions where it `shares_memory` with the processor, which computes the rest. Half precision may have
    `fp16_checks` of its own. `signed_values` says that it takes 8-bit values as signed numbers alone. `limits` returns
    what no check sees.
    """

    provider: str
    forms: Mapping[Precision, Form]
    options: Mapping[str, str] = field(default_factory=dict)
    rewrites: tuple[Rewrite, ...] = ()
    checks: tuple[Check, ...] = ()
    shares_memory: bool = False
    fp16_checks: tuple[Check, ...] | None = None
    signed_values: bool = False
    limits: Limits = lambda model: []


_PIXELS: tuple[Rewrite, ...] = (convolve_products, shuffle_by_depth, repeat_by_depth)
_SIMPLE: tuple[Rewrite, ...] = (*_PIXELS, average_norms, slice_borders)

TARGETS: dict[TargetName, Target] = {
    "coreml": Target(
        "CoreML",
        FORMS["coreml"],
        {"ModelFormat": "MLProgram", "MLComputeUnits": "ALL", "RequireStaticInputShapes": "1"},
        _SIMPLE,
        (check_coreml_program, check_coreml_network),
        fp16_checks=(check_coreml_program,),
        limits=coreml_limits,
    ),
    "nnapi": Target(
        "NNAPI",
        FORMS["nnapi"],
        {},
        (*_SIMPLE, clip_by_minimum),
        (check_nnapi,),
        limits=nnapi_limits,
    ),
    "qnn": Target(
        "QNN",
        FORMS["qnn"],
        {"backend_path": "libQnnHtp.so", "htp_performance_mode": "burst"},
        _PIXELS,
        (check_qnn,),
    ),
    "xnnpack": Target(
        "XNNPACK",
        FORMS["xnnpack"],
        {"intra_op_num_threads": "4"},
        _PIXELS,
        (check_xnnpack,),
        shares_memory=True,
        signed_values=True,
    ),
    "generic": Target("CPU", FORMS["generic"]),
}


def rewritten(model: onnx.ModelProto, target: Target) -> onnx.ModelProto:
    """Return `model` as `target` takes it; it computes the same."""
    graph = StaticGraph(model)
    for rewrite in target.rewrites:
        rewrite(graph)
    return graph.model()


def placements(model: onnx.ModelProto, name: TargetName, precision: Precision) -> tuple[Placement, ...]:
    """Return how the target `name` divides `model`; raises NstError when it does not take it as its row says."""
    target = TARGETS[name]
    checks = target.fp16_checks if precision == "fp16" and target.fp16_checks else target.checks
    found = tuple(check(model) for check in checks)
    for placement in found:
        is_fine = placement.has_all_convolutions if target.shares_memory else placement.is_whole
        if not is_fine:
            raise _refused(
                f"{name} takes {placement.placed} of {placement.nodes} nodes of this pack's network, in "
                f"{placement.partitions} {'piece' if placement.partitions == 1 else 'pieces'} ({placement.format})"
            )
    if limits := target.limits(model):
        raise _refused(f"{name} does not take a node of this pack's network: {limits[0]}")
    return found


def _refused(message: str) -> NstError:
    return NstError(
        f"{message}; it would be slower than the processor alone",
        "choose the `target` generic, or install a newer onnxruntime, which may know more of it",
    )
