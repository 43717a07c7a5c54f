"""The type of NumPy's arrays, for annotations.

It is that of numpy.typing, which writes pages of documentation whenever it is loaded: a fiftieth of
the time to the first label. Only a type checker needs more than a name here.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy.typing import NDArray
else:
    from numpy import ndarray as NDArray

__all__ = ["NDArray"]
