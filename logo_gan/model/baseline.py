"""The conditional DCGAN on 28 × 28 pixels that this product is compared with: tensors in and tensors out."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

VECTOR = 300  # values of a word vector


class BaselineGenerator(nn.Module):
    """The baseline's generator: noise (B, 100) and mean word vector (B, 300) → image (B, 3, 28, 28) in [-1, 1]."""

    def __init__(self, noise: int = 100):
        super().__init__()
        self.noise = noise
        self.body = nn.Sequential(
            nn.ConvTranspose2d(noise + VECTOR, 128, 7, 1, 0, bias=False), nn.BatchNorm2d(128), nn.ReLU(),
            nn.ConvTranspose2d(128, 64, 4, 2, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
            nn.ConvTranspose2d(64, 3, 4, 2, 1), nn.Tanh(),
        )  # fmt: skip

    def forward(self, noise: Tensor, text: Tensor) -> Tensor:
        return self.body(torch.cat((noise, text), dim=1)[:, :, None, None])

    def example(self) -> tuple[Tensor, ...]:
        """Arguments of one call, zeros: `checkpoint` tries a network out with them."""
        return torch.zeros(1, self.noise), torch.zeros(1, VECTOR)


class BaselineDiscriminator(nn.Module):
    """The baseline's discriminator: image (B, 3, 28, 28) in [-1, 1] and text (B, 300) → probability (B,) of real."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3 + VECTOR, 64, 4, 2, 1), nn.LeakyReLU(0.2),
            nn.Conv2d(64, 128, 4, 2, 1, bias=False), nn.BatchNorm2d(128), nn.LeakyReLU(0.2),
            nn.Conv2d(128, 1, 7), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, image: Tensor, text: Tensor) -> Tensor:
        # The text is the same at every pixel, so its share of the first convolution takes three values along each side:
        # at the two borders, where taps fall on the padding, and between. On 6 x 6 pixels that is computed once each:
        # the same result as of the joined planes, with a twentieth of the multiplications.
        first, *others, sigmoid = self.body
        of_image = F.conv2d(image, first.weight[:, :3], first.bias, first.stride, first.padding)
        spread = text[:, :, None, None].expand(-1, -1, 6, 6)
        of_text = F.conv2d(spread, first.weight[:, 3:], None, first.stride, first.padding)
        place = torch.tensor([0] + [1] * (of_image.shape[2] - 2) + [2], device=image.device)
        x = of_image + of_text[:, :, place][:, :, :, place]
        for layer in others:
            x = layer(x)
        return sigmoid(x.float()).flatten()  # half precision rounds a probability of 0.999 to 1
