"""LogoGAN: a prompt becomes four logos made of layers.

The public names are loaded on first use: neither `python -m logo_gan --help` nor training waits for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logo_gan.logo import Logo
    from logo_gan.pipeline import LogoGAN

__version__ = "0.1.0"

__all__ = ["Logo", "LogoGAN"]


def __getattr__(name: str):
    if name == "LogoGAN":
        from logo_gan.pipeline import LogoGAN

        return LogoGAN
    if name == "Logo":
        from logo_gan.logo import Logo

        return Logo
    raise AttributeError(f"module 'logo_gan' has no attribute {name!r}")
