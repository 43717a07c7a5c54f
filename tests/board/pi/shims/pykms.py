"""Test-only: picamera2 imports pykms, which draws on a screen, even where there is none."""


class _PixelFormat:
    def __getattr__(self, name: str) -> str:
        return name


PixelFormat = _PixelFormat()
