"""What a judge sees of a picture: statistics over a pyramid, with regions or without, and content at full size."""

from dataclasses import dataclass

import pytest
import torch

from nst_features.judge import Judge
from nst_features.networks import load_network
from nst_features.statistics import gram, guided_gram, pyramid

NETWORK = load_network("random", seed=1).double()


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def features(image: torch.Tensor, layer: str) -> torch.Tensor:
    found: torch.Tensor = NETWORK(image, {layer})[layer]
    return found


def test_every_layer_is_looked_at_over_every_scale_and_content_at_full_size_alone() -> None:
    judge, image = Judge(NETWORK, ("scale3", "scale1"), 3, ("scale2", "scale3")), noise(2, 3, 34, 40)
    style, content = judge.look(image)
    assert list(style) == ["scale3/1", "scale1/1", "scale3/2", "scale1/2", "scale3/4", "scale1/4"]
    levels = dict(zip(("1", "2", "4"), pyramid(image, 3), strict=True))
    for key, value in style.items():
        layer, size = key.split("/")
        assert torch.equal(value, gram(features(levels[size], layer)))
    assert list(content) == ["scale2", "scale3"]
    assert all(torch.equal(value, features(image, layer)) for layer, value in content.items())
    alone = judge.look_at_content(image)
    assert all(torch.equal(alone[layer], content[layer]) for layer in content)


def test_a_judge_without_content_layers_sees_none() -> None:
    judge = Judge(NETWORK, ("scale1",))
    assert judge.look(noise(1, 3, 16, 16))[1] == judge.look_at_content(noise(1, 3, 16, 16)) == {}


def test_a_region_is_a_guide_at_each_layers_size() -> None:
    image, regions = noise(2, 3, 32, 40), noise(2, 3, 32, 40, seed=2)
    style, _ = Judge(NETWORK, ("scale2",), 2).look(image, regions)
    assert list(style) == ["scale2/1/0", "scale2/1/1", "scale2/1/2", "scale2/2/0", "scale2/2/1", "scale2/2/2"]
    for scale, window in ((1, 2), (2, 4)):  # scale2 has half of its picture's size
        guides = regions.unfold(2, window, window).unfold(3, window, window).mean(dim=(4, 5))
        level = pyramid(image, 2)[scale - 1]
        for region in range(3):
            expected = guided_gram(features(level, "scale2"), guides[:, region : region + 1])
            torch.testing.assert_close(style[f"scale2/{scale}/{region}"], expected)


@dataclass(frozen=True)
class Counting(Judge):
    """Compares how many pixels a layer has, and how many of them the guide lets it see."""

    def statistic(self, features: torch.Tensor, guide: torch.Tensor | None) -> torch.Tensor:
        return torch.tensor(features[0, 0].numel()) if guide is None else guide[0].sum()


def test_the_statistic_is_the_subclasss_own() -> None:
    judge, image = Counting(NETWORK, ("scale1", "scale2"), 2), noise(1, 3, 16, 16)
    expected = {"scale1/1": 256, "scale2/1": 64, "scale1/2": 64, "scale2/2": 64}  # so small a picture is not halved
    assert {key: int(value) for key, value in judge.look(image)[0].items()} == expected
    half = torch.zeros(1, 1, 16, 16, dtype=torch.float64)
    half[..., :8] = 1
    seen = judge.look(image, half)[0]
    assert {key: float(value) for key, value in seen.items()} == {f"{key}/0": n / 2 for key, n in expected.items()}


@pytest.mark.parametrize(("key", "place"), [("scale3/1", 0), ("scale1/4", 1), ("scale1/2/0", 1)])
def test_a_statistics_layer_has_its_place_in_the_judges_order(key: str, place: int) -> None:
    assert Judge(NETWORK, ("scale3", "scale1")).place(key) == place
