"""What a Space on ZeroGPU asks for, though no GPU draws here."""


def declare_gpu() -> None:
    """Declares a function that takes a GPU, where the package `spaces` is installed; to be called before torch comes.

    A Space on ZeroGPU does not start without one. Nothing calls it: two CPU cores draw, and no visitor's quota is used.
    """
    try:
        import spaces
    except ImportError:
        return
    spaces.GPU(_never_called)


def _never_called() -> None:
    pass
