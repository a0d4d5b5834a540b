"""The templates of every architecture: one entry each."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nst_export.templates import half_size
from nst_export.templates import paper as papers
from nst_export.templates.detailed import detailed_bank, detailed_encoder
from nst_export.templates.graph import Model
from nst_export.templates.half_size import half_size_decoder
from nst_export.templates.paper import conditional_decoder, paper_bank, paper_decoder, paper_encoder
from nst_export.templates.unet import unet_bank, unet_encoder
from nst_runtime.contracts.packs import FORMAT_VERSION, Form, Painted, Part
from nst_student.networks.registry import ARCHITECTURES
from nst_student.recipes.settings import ArchitectureName

FORMS: tuple[Form, ...] = ("direct", "staged", "folded")
PARTS: tuple[Part, ...] = ("encoder", "bank", "decoder")
Builder = Callable[[Any, Form, Mapping[str, str]], Model]


@dataclass(frozen=True)
class Builders:
    """How an architecture's templates are made of its modules, and what its banks paint."""

    encoder: Builder
    bank: Builder
    decoder: Builder
    painted: Painted


UNET = Builders(unet_encoder, unet_bank, half_size_decoder, half_size.PAINTED)
TEMPLATES: dict[ArchitectureName, Builders] = {
    "srinath": Builders(paper_encoder, paper_bank, paper_decoder, papers.PAINTED),
    "conditional": Builders(paper_encoder, paper_bank, conditional_decoder, papers.PAINTED),
    "detailed": Builders(detailed_encoder, detailed_bank, half_size_decoder, half_size.PAINTED),
    "unet": UNET,
    "unet_pooled": UNET,
    "unet_wide": UNET,
    "unet_dense": UNET,
    "unet_sixteenth": UNET,
    "unet_shared": UNET,
}


def templates(name: ArchitectureName) -> Iterator[tuple[Part, Form, Model]]:
    """Yield the templates of the architecture `name`: each part in each form, a part without norms in one."""
    architecture = ARCHITECTURES[name]
    modules = {
        "encoder": architecture.encoder(),
        "bank": architecture.blank_bank(),
        "decoder": architecture.decoder(),
    }
    for part in PARTS:
        for form in FORMS:
            model = template(name, part, form, modules[part])
            if form == "direct" or model.norms:
                yield part, form, model


def template(name: ArchitectureName, part: Part, form: Form, module: Any) -> Model:  # noqa: ANN401 (the registry knows)
    """Return the template of `part` of the architecture `name` in `form`, made from the shapes of `module` alone."""
    metadata = {
        "nst.part": part,
        "nst.form": form,
        "nst.architecture": name,
        "nst.format_version": str(FORMAT_VERSION),
    }
    builder: Builder = getattr(TEMPLATES[name], part)
    return builder(module, form, metadata)
