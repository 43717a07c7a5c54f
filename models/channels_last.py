"""Keras layers whose training step loses no time on the PyTorch and JAX backends.

Weights, numbers and every other backend are Keras's own. Keras keeps pictures as (N, H, W, C),
which PyTorch can read where they lie, as (N, C, H, W) in its channels-last layout; Keras 3 copies
them into the other layout and back for each convolution and each pool instead, and computes the
statistics of a batch in separate float32 passes. Together that costs a third of a training step
on a CPU. What JAX's compiler does slowly on a GPU is the way back through a max-pool.
"""

from typing import Any

import keras
from keras import layers


def _on_torch() -> bool:
    return bool(keras.backend.backend() == "torch")


def _on_jax() -> bool:
    return bool(keras.backend.backend() == "jax")


@keras.saving.register_keras_serializable(package="camera_app")
class BatchNormalization(layers.BatchNormalization):
    """BatchNormalization that is one kernel, which also takes bfloat16."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalize (N, H, W, C) by the batch's statistics in training, by the moving ones else."""
        if not _on_torch():
            return super().call(inputs, training=training, mask=mask)
        import torch.nn.functional as F

        normalized = F.batch_norm(
            inputs.permute(0, 3, 1, 2),
            self.moving_mean.value,
            self.moving_variance.value,
            self.gamma.value if self.scale else None,
            self.beta.value if self.center else None,
            training=bool(training and self.trainable),
            momentum=1.0 - self.momentum,  # PyTorch weighs the new batch, Keras the old mean
            eps=self.epsilon,
        )
        return normalized.permute(0, 2, 3, 1)


@keras.saving.register_keras_serializable(package="camera_app")
class Conv2D(layers.Conv2D):
    """Convolution of stride 1 with an odd kernel and "same" padding."""

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """Convolve (N, H, W, C_in) with (k, k, C_in, C_out)."""
        if not _on_torch():
            return super().convolution_op(inputs, kernel)
        import torch
        import torch.nn.functional as F

        taps = keras.ops.convert_to_tensor(kernel)
        filtered = F.conv2d(
            inputs.permute(0, 3, 1, 2),
            taps.permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last),
            padding=self.kernel_size[0] // 2,
        )
        return filtered.permute(0, 2, 3, 1)


@keras.saving.register_keras_serializable(package="camera_app")
class MaxPooling2D(layers.MaxPooling2D):
    """Pooling over windows that do not overlap; a row or column left over is dropped."""

    def call(self, inputs: Any) -> Any:
        """Pool (N, H, W, C) to (N, H // pool, W // pool, C)."""
        if _on_jax():
            # As a maximum over two axes; where several are largest, they share the gradient.
            rows, columns = self.pool_size
            count, height, width, channels = inputs.shape
            height, width = height // rows, width // columns
            windows = inputs[:, : height * rows, : width * columns].reshape(
                (count, height, rows, width, columns, channels)
            )
            return windows.max((2, 4))
        if not _on_torch():
            return super().call(inputs)
        import torch.nn.functional as F

        pooled = F.max_pool2d(inputs.permute(0, 3, 1, 2), self.pool_size)
        return pooled.permute(0, 2, 3, 1)
