"""A smart camera in one program: frames in, labels out, live, on a small board's own CPU."""

__version__ = "0.1.0"
