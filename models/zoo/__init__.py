"""The architectures that FastNet is compared with, each as its paper defines it.

Untrained, for pictures (N, 32, 32, 3) and logits (N, classes), as they are when they run: dropout,
drop-path and auxiliary losses are training's and have no place here.
"""
