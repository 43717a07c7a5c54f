"""Muon for convolutions, as a Keras optimizer.

Each kernel's momentum is replaced by the nearest semi-orthogonal matrix, so that every direction
of the kernel moves equally far, and the kernel is put back to a fixed norm: behind every
convolution stands a BatchNormalization, to which only the kernel's direction matters.

Source: K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024, and the
CIFAR-10 speed runs that it came from; the coefficients of the Newton-Schulz iteration are theirs.
Everything that is not a convolution's kernel is trained by SGD with Nesterov momentum.
"""

from typing import Any

import keras
from keras import ops

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


@keras.saving.register_keras_serializable(package="camera_app")
class ConvMuon(keras.optimizers.Optimizer):
    """Muon on kernels (k, k, C_in, C_out) with k > 1 or C_in > 1, SGD on the rest.

    Args:
        learning_rate: relative change of a kernel's norm in one step.
        sgd_ratio: learning rate of everything else, as a multiple of ``learning_rate``.
        momentum: of the kernels' gradients.
        sgd_momentum: of the other gradients.
        steps: Newton-Schulz iterations.
    """

    def __init__(
        self,
        learning_rate: float = 0.1,
        sgd_ratio: float = 1.5,
        momentum: float = 0.8,
        sgd_momentum: float = 0.9,
        steps: int = 3,
        name: str = "conv_muon",
        **options: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, name=name, **options)
        self.sgd_ratio = sgd_ratio
        self.momentum = momentum
        self.sgd_momentum = sgd_momentum
        self.steps = steps

    def build(self, variables: list[Any]) -> None:
        """Make one momentum for each variable."""
        if self.built:
            return
        super().build(variables)
        self._momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Apply one gradient to one variable."""
        buffer = self._momentums[self._get_variable_index(variable)]
        gradient = ops.cast(gradient, variable.dtype)
        rate = ops.cast(learning_rate, variable.dtype)
        if len(variable.shape) != 4:
            momentum = self.sgd_momentum
            self.assign(buffer, momentum * buffer + gradient)
            self.assign_sub(variable, rate * self.sgd_ratio * (gradient + momentum * buffer))
            return
        self.assign(buffer, self.momentum * buffer + gradient)
        filters = variable.shape[-1]
        matrix = ops.reshape(gradient + self.momentum * buffer, (-1, filters))
        direction = ops.reshape(_orthogonalize(matrix, self.steps), variable.shape)
        # An orthogonal matrix of rank r has norm √r; the kernel has norm √filters.
        rank = min(filters, matrix.shape[0])
        moved = variable - rate * (filters / rank) ** 0.5 * direction
        # Flattened: some backends know the norms of vectors and matrices only.
        norm = ops.norm(ops.reshape(moved, (-1,)))
        self.assign(variable, moved * filters**0.5 / (norm + 1e-7))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this optimizer again."""
        return {
            **super().get_config(),
            "sgd_ratio": self.sgd_ratio,
            "momentum": self.momentum,
            "sgd_momentum": self.sgd_momentum,
            "steps": self.steps,
        }


def _orthogonalize(matrix: Any, steps: int) -> Any:
    """About the nearest semi-orthogonal matrix to a (rows, columns) one, by Newton-Schulz."""
    a, b, c = NEWTON_SCHULZ
    wide = matrix.shape[0] <= matrix.shape[1]
    x = matrix if wide else ops.transpose(matrix)
    x = x / (ops.norm(x) + 1e-7)
    for _ in range(steps):
        gram = ops.matmul(x, ops.transpose(x))
        x = a * x + ops.matmul(b * gram + c * ops.matmul(gram, gram), x)
    return x if wide else ops.transpose(x)
