"""FastNet beside other architectures: size, speed and memory measured, accuracy as reported."""
