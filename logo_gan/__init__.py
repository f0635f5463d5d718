"""LogoGAN: a prompt becomes four logos made of layers, drawn from a memory of open drawings.

The public names are loaded on first use: neither `python -m logo_gan --help` nor training waits for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logo_gan.logo.design import Logo
    from logo_gan.model.pipeline import LogoGAN
    from logo_gan.text.brief import Brief

__version__ = "0.1.0"

__all__ = ["Brief", "Logo", "LogoGAN"]


def __getattr__(name: str):
    if name == "LogoGAN":
        from logo_gan.model.pipeline import LogoGAN

        return LogoGAN
    if name == "Logo":
        from logo_gan.logo.design import Logo

        return Logo
    if name == "Brief":
        from logo_gan.text.brief import Brief

        return Brief
    raise AttributeError(f"module 'logo_gan' has no attribute {name!r}")
